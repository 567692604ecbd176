import { describe, expect, it } from 'vitest';
import { createFrameReader, FramingError } from './framing.ts';

const MESSAGES = [
  'POST / HTTP/1.1\r\nhost: a\r\nContent-Length: 5\r\n\r\nhello',
  'HTTP/1.1 204 No Content\r\ndate: x\r\n\r\n',
  'HTTP/1.1 202 Accepted\r\ncontent-length:2\r\n\r\n{}',
];

function read(bytes: Buffer, step: number): string[] {
  const seen: string[] = [];
  const push = createFrameReader((buffer, from, { headEnd, end }) => {
    seen.push(buffer.toString('latin1', from, headEnd) + buffer.toString('latin1', headEnd, end));
  });
  for (let from = 0; from < bytes.length; from += step) push(bytes.subarray(from, from + step));
  return seen;
}

describe('createFrameReader', () => {
  it.each([1, 2, 7, 40, 1000])('finds every message in chunks of %d bytes', (step) => {
    expect(read(Buffer.from(MESSAGES.join('')), step)).toEqual(MESSAGES);
  });
  it('refuses a chunked message instead of reading on in the wrong place', () => {
    expect(() => read(Buffer.from('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'), 1000)).toThrow(FramingError);
  });
});
