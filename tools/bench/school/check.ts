import type { BenchStack } from '../stack/stack.ts';
import { rowsOf } from './copy.ts';
import { copiedText } from './names.ts';

/**
 * Compares whole copies with what the API made, row by row: each row must be the API's but for ids and names.
 * @throws when a row is missing, more, or another one.
 */
export async function checkCopies(stack: BenchStack, template: string, copies: readonly number[]): Promise<number> {
  const made = await rowsOf(stack, template, 0);
  let compared = 0;
  for (const copy of copies) {
    const rows = await rowsOf(stack, template, copy);
    for (const [table, originals] of made) {
      const expected = originals.map((row) => copiedText(row, template, copy)).sort();
      const found = (rows.get(table) ?? []).sort();
      const wrong = expected.findIndex((row, index) => row !== found[index]);
      if (wrong !== -1 || expected.length !== found.length) {
        throw new Error(`copy ${copy} of ${table}: ${found.length} rows of ${expected.length}, first difference: ${expected[wrong]} and ${found[wrong]}`);
      }
      compared += found.length;
    }
  }
  return compared;
}
