import type { Line } from './lines.ts';

/** Lines and bytes of text that a request may have at most. `bytes` must be above what one line can have. */
export interface BatchBounds {
  readonly lines: number;
  readonly bytes: number;
}

/** The lines with something in them, as many together as fit into one request. */
export async function* inBatches(lines: AsyncIterable<Line>, bounds: BatchBounds): AsyncGenerator<Line[]> {
  let batch: Line[] = [];
  let bytes = 0;
  for await (const line of lines) {
    if (line.text?.trim() === '') continue;
    const lineBytes = Buffer.byteLength(line.text ?? '');
    if (batch.length === bounds.lines || (batch.length > 0 && bytes + lineBytes > bounds.bytes)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(line);
    bytes += lineBytes;
  }
  if (batch.length > 0) yield batch;
}

/** A JSON list of texts that are JSON already. As they were written: parsed and written again `1e20` would be longer. */
export const jsonList = (texts: readonly string[]): string => `[${texts.join(',')}]`;
