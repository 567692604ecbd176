import { describe, expect, it } from 'vitest';
import { inBatches, jsonList } from './batches.ts';
import { LINE_MAX_BYTES, type Line } from './lines.ts';
import { COMPARE_BATCH } from './run-compare.ts';
import { IMPORT_BATCH } from './run-import.ts';

async function* linesOf(texts: readonly (string | undefined)[]): AsyncGenerator<Line> {
  for (const [index, text] of texts.entries()) yield await Promise.resolve({ number: index + 1, text, nextOffset: 0 });
}
const numbersOf = async (texts: readonly (string | undefined)[], bounds: { lines: number; bytes: number }) => {
  const batches: number[][] = [];
  for await (const batch of inBatches(linesOf(texts), bounds)) batches.push(batch.map(({ number }) => number));
  return batches;
};

describe('inBatches', () => {
  it('ends a batch at its lines or before its bytes, whichever is first', async () => {
    expect(await numbersOf(['aa', 'bb', 'c', 'dddd', 'üü'], { lines: 2, bytes: 4 })).toEqual([[1, 2], [3], [4], [5]]);
    expect(await numbersOf(['a', 'b', 'c'], { lines: 3, bytes: 4 })).toEqual([[1, 2, 3]]);
    expect(await numbersOf([], { lines: 3, bytes: 4 })).toEqual([]);
  });

  it('leaves out empty lines, and keeps those that are too long for being named', async () => {
    expect(await numbersOf(['', 'a', '  ', undefined], { lines: 3, bytes: 4 })).toEqual([[2, 4]]);
  });

  it.each([
    ['import', IMPORT_BATCH, 2 * 1024 * 1024],
    ['comparison', COMPARE_BATCH, 256 * 1024],
  ])('fits every request of an %s into what the service takes', async (_, bounds, bodyMaxBytes) => {
    // A byte that is no UTF-8 is read as a character of three.
    const longest = `"${'\ufffd'.repeat(LINE_MAX_BYTES - 2)}"`;
    const texts = [longest, ...Array.from({ length: 700 }, () => `"${'x'.repeat(2_000)}"`), longest, longest];
    for await (const batch of inBatches(linesOf(texts), bounds)) {
      const around = JSON.stringify({ organizationId: '🙂'.repeat(128), dryRun: false });
      expect(Buffer.byteLength(jsonList(batch.map(({ text }) => text!)) + around)).toBeLessThan(bodyMaxBytes);
    }
  });
});
