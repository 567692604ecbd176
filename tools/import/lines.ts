import { createReadStream } from 'node:fs';

/** Longest line that is read, in bytes; a longer one is passed on as too long, without its text. */
export const LINE_MAX_BYTES = 65_536;
const NEWLINE = 0x0a;

/** One line of a file. `nextOffset` is where the following one begins, in bytes. */
export interface Line {
  /** From 1. */
  readonly number: number;
  /** Undefined: longer than the bound. */
  readonly text: string | undefined;
  readonly nextOffset: number;
}

/** The lines of a file from a byte offset on, without holding more than one chunk and one line in memory. */
export async function* readLines(file: string, from: { offset: number; number: number }): AsyncGenerator<Line> {
  let { offset, number } = from;
  let kept: Buffer[] = [];
  let keptBytes = 0;
  let tooLong = false;

  const take = (last: Buffer, terminator: number): Line => {
    const bytes = keptBytes + last.length;
    const text = tooLong || bytes > LINE_MAX_BYTES ? undefined : Buffer.concat([...kept, last]).toString('utf8').replace(/\r$/, '');
    offset += bytes + terminator;
    number += 1;
    kept = [];
    keptBytes = 0;
    tooLong = false;
    return { number, text, nextOffset: offset };
  };

  for await (const chunk of createReadStream(file, { start: offset }) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE, start); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      yield take(chunk.subarray(start, end), 1);
      start = end + 1;
    }
    const rest = chunk.subarray(start);
    if (keptBytes + rest.length > LINE_MAX_BYTES) {
      tooLong = true;
      kept = [];
    } else if (rest.length > 0) kept.push(rest);
    keptBytes += rest.length;
  }
  if (keptBytes > 0) yield take(Buffer.alloc(0), 0);
}
