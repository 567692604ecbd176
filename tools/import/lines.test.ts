import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LINE_MAX_BYTES, readLines, type Line } from './lines.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'schoolbell-lines-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function linesOf(content: string | Buffer, from = { offset: 0, number: 0 }) {
  const file = join(directory, 'file');
  await writeFile(file, content);
  const lines: Line[] = [];
  for await (const line of readLines(file, from)) lines.push(line);
  return lines;
}

describe('readLines', () => {
  it('numbers lines from 1 and needs no newline at the end', async () => {
    expect(await linesOf('one\r\ntwo\n\nfour')).toEqual([
      { number: 1, text: 'one', nextOffset: 5 },
      { number: 2, text: 'two', nextOffset: 9 },
      { number: 3, text: '', nextOffset: 10 },
      { number: 4, text: 'four', nextOffset: 14 },
    ]);
  });
  it('passes a line on as too long at one byte more than the bound, and goes on after it', async () => {
    const long = 'x'.repeat(LINE_MAX_BYTES);
    const lines = await linesOf(`${long}\n${long}y\nshort\n`);
    expect(lines.map(({ text }) => text?.length)).toEqual([LINE_MAX_BYTES, undefined, 5]);
  });
  it('goes on at every offset it has given, whatever the lines and their encoding', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => text.replaceAll(/[\r\n]/g, '')), { maxLength: 30 }), async (texts) => {
        const content = texts.map((text) => `${text}\n`).join('');
        const all = await linesOf(content);
        expect(all.map(({ text }) => text)).toEqual(texts);
        for (const { nextOffset, number } of all) {
          expect(await linesOf(content, { offset: nextOffset, number })).toEqual(all.slice(number));
        }
      }),
      { numRuns: 25 },
    );
  });
});
