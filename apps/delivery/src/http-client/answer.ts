import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import type { Transform } from 'node:stream';
import { printable } from './printable.ts';

/** What is kept of an answer, as text. */
export const ANSWER_KEPT_BYTES = 512;
/** An answer is read to its end up to here, so that the connection can be used again; beyond it is cut off. */
export const ANSWER_READ_MAX_BYTES = 64 * 1024;

// No plain object: the name comes from outside, and "constructor" would be found in it.
const DECODERS: ReadonlyMap<string, () => Transform> = new Map<string, () => Transform>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
  ['zstd', createZstdDecompress],
]);

/** Collects the first bytes of one answer and counts the rest. */
export class AnswerHead {
  #readBytes = 0;
  #keptBytes = 0;
  readonly #kept: Buffer[] = [];

  /** False once more has come than will be read. */
  add(chunk: Buffer): boolean {
    this.#readBytes += chunk.length;
    if (this.#keptBytes < ANSWER_KEPT_BYTES) {
      // A copy: the chunk is a view into a buffer that is much larger than what is kept.
      const piece = Buffer.from(chunk.subarray(0, ANSWER_KEPT_BYTES - this.#keptBytes));
      this.#kept.push(piece);
      this.#keptBytes += piece.length;
    }
    return this.#readBytes <= ANSWER_READ_MAX_BYTES;
  }

  /** Without compression, which was not asked for, this is the first bytes as they came. */
  async text(encoding: string | undefined): Promise<string> {
    const bytes = Buffer.concat(this.#kept);
    const decoder = encoding === undefined ? undefined : DECODERS.get(encoding.trim().toLowerCase());
    const plain = decoder === undefined || bytes.length === 0 ? bytes : await firstDecoded(decoder(), bytes);
    return printable(plain.toString('utf8'), ANSWER_KEPT_BYTES);
  }
}

/** Inflates the bytes at hand until enough is known: a bomb is never inflated any further than its first chunk. */
function firstDecoded(decoder: Transform, bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve) => {
    const finish = (decoded: Buffer): void => {
      decoder.destroy();
      resolve(decoded.subarray(0, ANSWER_KEPT_BYTES));
    };
    decoder.on('error', () => finish(Buffer.alloc(0)));
    decoder.on('data', finish);
    decoder.on('end', () => finish(Buffer.alloc(0)));
    decoder.write(bytes, () => decoder.end());
  });
}
