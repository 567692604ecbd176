import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { createGzip, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { ANSWER_KEPT_BYTES, ANSWER_READ_MAX_BYTES } from './answer.ts';
import { createResolver, type Resolve } from './connector.ts';
import type { Exchange } from './exchange.ts';
import { createSender, type Sender, type SenderOptions } from './sender.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function listen(server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((done) => server.close(done));
  });
  return (server.address() as AddressInfo).port;
}

const http = (handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<number> => listen(createServer(handler));
const tcp = (handler: (socket: Socket) => void): Promise<number> => listen(createTcpServer(handler));

function sender(port: number, options: Partial<SenderOptions> = {}): Sender {
  const made = createSender({
    url: `http://127.0.0.1:${port}/hook?a=1`,
    timeoutMs: 2_000,
    concurrency: 4,
    allowPrivateNetwork: true,
    resolve: createResolver(),
    ...options,
  });
  cleanups.push(() => made.close());
  return made;
}

const message = { body: Buffer.from('{"a":"ä"}'), headers: ['content-type', 'application/json', 'x-own', 'yes'], mayStart: () => true };

function answered(exchange: Exchange): Extract<Exchange, { kind: 'answered' }> {
  if (exchange.kind !== 'answered') throw new Error(`no answer: ${JSON.stringify(exchange)}`);
  return exchange;
}

describe('a well-behaved destination', () => {
  it('gets path, headers and the exact bytes, over kept connections', async () => {
    const seen: { url: string | undefined; own: unknown; body: string }[] = [];
    const ports = new Set<number | undefined>();
    const port = await http((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        seen.push({ url: request.url, own: request.headers['x-own'], body: Buffer.concat(chunks).toString() });
        ports.add(request.socket.remotePort);
        response.writeHead(202, { 'retry-after': '3' }).end('fine');
      });
    });
    const to = sender(port);
    const first = answered(await to.send(message));
    for (let more = 0; more < 20; more += 1) await to.send(message);
    expect(first).toMatchObject({ status: 202, answer: 'fine', retryAfter: '3' });
    expect(seen[0]).toEqual({ url: '/hook?a=1', own: 'yes', body: '{"a":"ä"}' });
    // undici rests a connection for one turn of the event loop, so that two of them take turns.
    expect(ports.size).toBeLessThanOrEqual(2);
  });

  it('keeps only the first bytes of an answer, printable', async () => {
    const port = await http((_request, response) => response.end(`a\u0000b\n${'x'.repeat(10_000)}`));
    const { answer } = answered(await sender(port).send(message));
    expect(answer).toHaveLength(ANSWER_KEPT_BYTES);
    expect(answer.startsWith('a b\nxxx')).toBe(true);
  });

  it('reads a compressed answer that nobody asked for', async () => {
    const port = await http((_request, response) => response.writeHead(400, { 'content-encoding': 'gzip' }).end(gzipSync('what is wrong')));
    expect(answered(await sender(port).send(message))).toMatchObject({ status: 400, answer: 'what is wrong' });
  });

  it.each(['constructor', '__proto__', 'hasOwnProperty', 'gzip, br', 'unheard-of'])('keeps an answer whose compression is called "%s" as it came', async (encoding) => {
    const port = await http((_request, response) => response.writeHead(422, { 'content-encoding': encoding }).end('no such learner'));
    expect(answered(await sender(port).send(message))).toMatchObject({ status: 422, answer: 'no such learner' });
  });

  it('survives an answer that only claims to be compressed', async () => {
    const port = await http((_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('no'));
    expect(answered(await sender(port).send(message))).toMatchObject({ status: 200, answer: '' });
  });
});

describe('a destination that misbehaves', () => {
  it('does not get its redirect followed', async () => {
    let requests = 0;
    const port = await http((_request, response) => {
      requests += 1;
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    expect(answered(await sender(port).send(message)).status).toBe(307);
    expect(requests).toBe(1);
  });

  it.each([
    ['never answers', () => undefined],
    ['drips its headers', (socket: Socket) => drip(socket, 'HTTP/1.1 200 OK\r\nx-slow: ', 'a')],
    ['drips its body', (socket: Socket) => drip(socket, 'HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n', 'b')],
    ['keeps saying that it works on it', (socket: Socket) => drip(socket, '', 'HTTP/1.1 102 Processing\r\n\r\n')],
  ])('that %s meets the one deadline', async (_name, behave) => {
    const port = await tcp((socket) => socket.once('data', () => behave(socket)));
    const startedMs = performance.now();
    const exchange = await sender(port, { timeoutMs: 300 }).send(message);
    expect(exchange).toMatchObject({ kind: 'failed', failure: 'timeout' });
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(299);
    expect(performance.now() - startedMs).toBeLessThan(1_500);
  });

  it('that sends without end is cut off, and its status counts', async () => {
    let sent = 0;
    const port = await tcp((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
        const chunk = `10000\r\n${'z'.repeat(65_536)}\r\n`;
        const pour = (): void => {
          while (!socket.destroyed && socket.write(chunk)) sent += 65_536;
          if (!socket.destroyed) socket.once('drain', pour);
        };
        pour();
      });
    });
    const exchange = answered(await sender(port, { timeoutMs: 5_000 }).send(message));
    expect(exchange.status).toBe(200);
    // What fits into the buffers of both ends, and no more.
    expect(sent).toBeLessThan(ANSWER_READ_MAX_BYTES + 16 * 1024 * 1024);
  });

  it('that sends a gzip bomb is not inflated', async () => {
    const port = await http((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      const zip = createGzip({ level: 9 });
      zip.pipe(response);
      const zeros = Buffer.alloc(1024 * 1024);
      let left = 64;
      const feed = (): void => {
        while (left > 0) {
          left -= 1;
          if (!zip.write(zeros)) return void zip.once('drain', feed);
        }
        zip.end();
      };
      feed();
    });
    const before = process.memoryUsage.rss();
    const { answer } = answered(await sender(port, { timeoutMs: 5_000 }).send(message));
    expect(answer.length).toBeLessThanOrEqual(ANSWER_KEPT_BYTES);
    expect(process.memoryUsage.rss() - before).toBeLessThan(60 * 1024 * 1024);
  });

  it.each([
    ['closes at once', '', 'closed-early'],
    ['closes within the headers', 'HTTP/1.1 200 OK\r\ncontent-le', 'closed-early'],
    ['closes within the body', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc', 'closed-early'],
    ['does not speak HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', 'protocol'],
    ['sends endless headers', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}`, 'protocol'],
  ])('that %s failed', async (_name, bytes, failure) => {
    const port = await tcp((socket) => socket.once('data', () => socket.end(bytes)));
    expect(await sender(port).send(message)).toMatchObject({ kind: 'failed', failure });
  });

  it('that refuses the connection failed', async () => {
    const port = await tcp(() => undefined);
    await cleanups.pop()?.();
    expect(await sender(port).send(message)).toMatchObject({ kind: 'failed', failure: 'connect' });
  });

  it('that has no address, or none in time, failed', async () => {
    const unknown: Resolve = (_name, done) => done(Object.assign(new Error('no'), { code: 'ENOTFOUND' }), []);
    const silent: Resolve = () => undefined;
    const url = 'http://destination.invalid/';
    expect(await sender(1, { url, resolve: unknown }).send(message)).toMatchObject({ kind: 'failed', failure: 'dns' });
    const slow = createSender({ url, timeoutMs: 200, concurrency: 1, allowPrivateNetwork: true, resolve: silent });
    expect(await slow.send(message)).toMatchObject({ kind: 'failed', failure: 'timeout' });
  });
});

describe('the guard of addresses', () => {
  it('refuses literals, names, and names of which one address is private; nobody is called', async () => {
    let connections = 0;
    const port = await tcp(() => (connections += 1));
    const resolveTo =
      (...addresses: string[]): Resolve =>
      (_name, done) =>
        done(null, addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
    const guarded = (url: string, resolve = resolveTo('127.0.0.1')): Promise<Exchange> =>
      sender(port, { url, allowPrivateNetwork: false, resolve }).send(message);

    for (const host of ['127.0.0.1', '127.1', '0x7f000001', '2130706433', '[::1]', '[::ffff:127.0.0.1]', 'innocent.example']) {
      expect(await guarded(`http://${host}:${port}/`), host).toMatchObject({ kind: 'failed', failure: 'address-refused' });
    }
    expect(await guarded(`http://mixed.example:${port}/`, resolveTo('93.184.216.34', '127.0.0.1'))).toMatchObject({ failure: 'address-refused' });
    expect(connections).toBe(0);
  });

  it('asks once per connection and goes where that answer says', async () => {
    const asked: string[] = [];
    const port = await http((_request, response) => response.end('here'));
    const rebinding: Resolve = (name, done) => {
      asked.push(name);
      done(null, [{ address: asked.length === 1 ? '127.0.0.1' : '192.0.2.1', family: 4 }]);
    };
    const to = sender(port, { url: `http://moving.example:${port}/`, resolve: rebinding });
    expect(answered(await to.send(message)).answer).toBe('here');
    expect(asked).toEqual(['moving.example']);
  });
});

describe('the last look before writing', () => {
  it('sends nothing when the right to send is gone', async () => {
    let requests = 0;
    const port = await http((_request, response) => {
      requests += 1;
      response.end();
    });
    const to = sender(port);
    expect(await to.send({ ...message, mayStart: () => false })).toMatchObject({ kind: 'not-sent' });
    expect(answered(await to.send(message)).status).toBe(200);
    expect(requests).toBe(1);
  });

  it('calls a header that cannot be sent our own trouble', async () => {
    const port = await http((_request, response) => response.end());
    expect(await sender(port).send({ ...message, headers: ['x-own', 'line\nbreak'] })).toMatchObject({ kind: 'not-sent' });
  });
});

function drip(socket: Socket, opening: string, piece: string): void {
  socket.write(opening);
  const timer = setInterval(() => socket.write(piece), 10);
  socket.on('close', () => clearInterval(timer));
}
