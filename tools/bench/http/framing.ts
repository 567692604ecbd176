// HTTP/1.1 messages on a raw socket, as much of it as the two ends of the bench need: content-length bodies, one
// message after the other. node:http costs several times as much, on the two cores that the services are measured on.

const HEAD_END = Buffer.from('\r\n\r\n');
const LENGTH = /\r\ncontent-length: *(\d+)/i;

export class FramingError extends Error {
  readonly code = 'bench-framing';
}

/** One message of a buffer: where its head and its body end. */
export interface Frame {
  readonly headEnd: number;
  readonly end: number;
}

/** The first whole message between `from` and `to`, or undefined while some of it is still to come. */
export function readFrame(buffer: Buffer, from: number, to: number): Frame | undefined {
  const mark = buffer.indexOf(HEAD_END, from);
  if (mark === -1 || mark + HEAD_END.length > to) return undefined;
  const headEnd = mark + HEAD_END.length;
  const end = headEnd + bodyLength(buffer.toString('latin1', from, mark));
  return end > to ? undefined : { headEnd, end };
}

function bodyLength(head: string): number {
  const length = LENGTH.exec(head);
  if (length !== null) return Number(length[1]);
  if (/\r\ntransfer-encoding:/i.test(head)) throw new FramingError(`chunked messages are not read: ${head.slice(0, 60)}`);
  return 0;
}

/** Collects what a socket delivers and hands over whole messages. */
export function createFrameReader(onFrame: (buffer: Buffer, from: number, frame: Frame) => void): (chunk: Buffer) => void {
  let rest: Buffer | undefined;
  return (chunk) => {
    const buffer = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    for (;;) {
      const frame = readFrame(buffer, from, buffer.length);
      if (frame === undefined) break;
      onFrame(buffer, from, frame);
      from = frame.end;
    }
    rest = from === buffer.length ? undefined : Buffer.from(buffer.subarray(from));
  };
}
