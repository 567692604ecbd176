// What only a real socket shows: the parser's refusals, odd requests, and how a server that closes lets go.
import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createHealth, createHttpServer, createLogger, createMetrics, type HttpServer } from '../src/index.ts';

let app: HttpServer;
let port: number;
let release: (() => void) | undefined;

beforeEach(async () => {
  const log = createLogger({ service: 'ingest', level: 'silent' });
  app = createHttpServer({ log, metrics: createMetrics('ingest'), health: createHealth(), tokens: () => [], title: 'Wire', description: 'A test.' });
  app.get('/slow', { config: { access: 'public' } }, async () => {
    await new Promise<void>((resolve) => (release = resolve));
    return 'done';
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  port = (app.server.address() as AddressInfo).port;
});
afterEach(() => app.close());

async function open(text: string): Promise<{ socket: Socket; received: () => string }> {
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
  await once(socket, 'connect');
  socket.write(text);
  return { socket, received: () => received };
}

async function exchange(text: string): Promise<string> {
  const { socket, received } = await open(text);
  await once(socket, 'close');
  return received();
}

test.each([
  ['not HTTP', 'GARBAGE\r\n\r\n', '400 Bad Request', 'request-malformed'],
  ['headers beyond the limit', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, '431', 'headers-too-large'],
  ['two lengths', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n', '400', 'request-malformed'],
  ['HTTP/2 without asking', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', '400', 'request-malformed'],
  ['CONNECT', 'CONNECT x:1 HTTP/1.1\r\nhost: x\r\n\r\n', '405', 'method-not-allowed'],
  ['an unknown expectation', 'GET / HTTP/1.1\r\nhost: x\r\nexpect: magic\r\n\r\n', '417', 'expectation-unknown'],
])('%s is a problem', async (_name, text, status, code) => {
  const answer = await exchange(text);
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status}`));
  expect(answer.toLowerCase()).toContain('content-type: application/problem+json');
  expect(answer).toContain(`"code":"${code}"`);
});

test('closing waits for the answer in flight and not for connections that stay open or were opened ahead', async () => {
  const ahead = await open('');
  const idle = await open('GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n');
  await once(idle.socket, 'data');
  const busy = await open('GET /slow HTTP/1.1\r\nhost: x\r\n\r\n');
  await once(app.server, 'request');
  const closed = app.close();
  await Promise.all([once(idle.socket, 'close'), once(ahead.socket, 'close')]);
  release!();
  await Promise.all([closed, once(busy.socket, 'close')]);
  expect(busy.received()).toMatch(/^HTTP\/1.1 200 OK[\s\S]*done$/);
});
