import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseSecret, verify } from '@schoolbell/standard-webhooks';
import { systemClock } from '@schoolbell/time';
import { afterEach, describe, expect, it } from 'vitest';
import { runLoad } from './load.ts';
import { signRequests } from './requests.ts';

const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const WEBHOOKS = Array.from({ length: 60 }, (_, index) => ({ id: `wh_${index}`, body: `{"n":${index}}` }));
let server: Server;
afterEach(() => server.close());

async function listen(answer: (request: IncomingMessage, response: ServerResponse, body: Buffer) => void): Promise<string> {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(request, response, Buffer.concat(chunks)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
}
const header = (request: IncomingMessage, name: string) => request.headers[name] as string;

describe('runLoad', () => {
  it('sends each request of the range once, validly signed', async () => {
    const seen: string[] = [];
    const url = await listen((request, response, body) => {
      const [id, timestamp, signature] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => header(request, name));
      const verdict = verify([parseSecret(SECRET)], { id, timestamp, signature, body }, systemClock.now());
      seen.push(`${request.url} ${id} ${body.toString()} ${verdict}`);
      response.writeHead(202, { 'content-length': 2 }).end('{}');
    });
    const requests = signRequests(WEBHOOKS, { url, secret: SECRET, nowMs: systemClock.now() });
    const result = await runLoad(requests, { url, from: 10, to: 60, connections: 4 });
    expect(result.statuses).toEqual({ 202: 50 });
    expect(seen.sort()).toEqual(WEBHOOKS.slice(10).map(({ id, body }) => `/hook ${id} ${body} verified`).sort());
    expect(result.latenciesMs.every((latency) => latency > 0)).toBe(true);
    expect(result.endedMs).toBe(Math.max(...result.answeredMs));
  });
  it('in an open loop counts the wait for a slow server from the intended send', async () => {
    const url = await listen((_request, response) => setTimeout(() => response.writeHead(202, { 'content-length': 0 }).end(), 5));
    const requests = signRequests(WEBHOOKS, { url, secret: SECRET, nowMs: systemClock.now() });
    const result = await runLoad(requests, { url, from: 0, to: 40, connections: 1, ratePerSecond: 1000 });
    // One connection and at least 5 ms each: the last of 40 was due after 39 ms and is answered after 200 at the earliest.
    expect(result.latenciesMs[39]).toBeGreaterThan(150);
    expect(result.latenciesMs[0]).toBeLessThan(result.latenciesMs[39]!);
  });
  it('fails when the server hangs up', async () => {
    const url = await listen((request) => request.socket.destroy());
    const requests = signRequests(WEBHOOKS, { url, secret: SECRET, nowMs: systemClock.now() });
    await expect(runLoad(requests, { url, from: 0, to: 9, connections: 1 })).rejects.toThrow('closed a connection');
  });
});
