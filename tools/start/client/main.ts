// A stand-in for the server of a client company: what arrives is verified, and the newest summary of each learner kept.
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { parseSecret, verify } from '@schoolbell/standard-webhooks';
import { systemClock } from '@schoolbell/time';
import { createInbox, type Delivery } from './inbox.ts';

const BODY_MAX_BYTES = 8 * 1024 * 1024;
const port = Number(process.env['PORT']);
const key = parseSecret(process.env['SCHOOLBELL_DESTINATION_SECRET'] ?? '');
const inbox = createInbox();

const server = createServer(async (request, response) => {
  const answer = (status: number, body?: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(body === undefined ? undefined : `${JSON.stringify(body, null, 2)}\n`);
  };
  const path = new URL(request.url ?? '/', 'http://client').pathname;
  if (request.method === 'GET' && path === '/') return answer(200, inbox.learners());
  if (request.method === 'GET' && path.startsWith('/summaries/')) {
    const found = inbox.newest(decodeURIComponent(path.slice('/summaries/'.length)));
    return found ? answer(200, found) : answer(404);
  }
  if (request.method !== 'POST' || path !== '/schoolbell') return answer(404);
  if (Number(request.headers['content-length'] ?? 0) > BODY_MAX_BYTES) return answer(413);
  const body = await buffer(request).catch(() => undefined);
  if (body === undefined) return;
  const { headers } = request;
  const text = (name: string): string => String(headers[name] ?? '');
  const delivery: Delivery = {
    webhookId: text('webhook-id'),
    revision: Number(text('schoolbell-revision')),
    receivedAtMs: systemClock.now(),
    body,
  };
  const message = { id: delivery.webhookId, timestamp: text('webhook-timestamp'), signature: text('webhook-signature'), body };
  const verdict = verify([key], message, systemClock.now());
  if (verdict !== 'verified') return answer(401, { refused: verdict });
  inbox.keep(delivery);
  answer(204);
});
server.listen(port, '127.0.0.1');

process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeAllConnections();
});
