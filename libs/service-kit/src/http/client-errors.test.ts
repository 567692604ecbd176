import { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { answerClientError } from './client-errors.ts';

function answerTo(code: string, message?: { headersSent: boolean }): { text: string; socket: Duplex } {
  let text = '';
  const socket = Object.assign(
    new Duplex({
      read: () => undefined,
      write(chunk: Buffer, _encoding, done) {
        text += chunk.toString();
        done();
      },
    }),
    { _httpMessage: message },
  );
  answerClientError(Object.assign(new Error('refused'), { code }), socket as unknown as Socket);
  return { text, socket };
}

test.each([
  ['HPE_INVALID_METHOD', '400 Bad Request', 'request-malformed'],
  ['HPE_HEADER_OVERFLOW', '431 Request Header Fields Too Large', 'headers-too-large'],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', '413 Payload Too Large', 'body-too-large'],
  ['ERR_HTTP_REQUEST_TIMEOUT', '408 Request Timeout', 'request-timeout'],
])('%s is answered %s', (code, line, problem) => {
  const { text, socket } = answerTo(code);
  const [head, body] = text.split('\r\n\r\n');
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${line}\r\ncontent-type: application/problem\\+json\r\n`));
  expect(head).toContain(`content-length: ${Buffer.byteLength(body!)}`);
  expect(JSON.parse(body!)).toMatchObject({ code: problem });
  expect(socket.writableEnded).toBe(true);
});

test('nothing is written to a peer that is gone or into an answer that has begun', () => {
  expect(answerTo('ECONNRESET')).toMatchObject({ text: '', socket: { destroyed: true } });
  expect(answerTo('HPE_INVALID_METHOD', { headersSent: true })).toMatchObject({ text: '', socket: { destroyed: true } });
});
