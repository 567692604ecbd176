import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { Envelope, ingestResultCompleted, ResultData } from '@schoolbell/contracts';
import { startNats, testDatabase, waitFor, type RunningNats, type TestDatabase } from '@schoolbell/testing';
import { connect as connectToNats, type NatsConnection } from '@nats-io/transport-node';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completed, nextId, operate, post, send, signedHeaders, startTestIngest, toSent, type TestIngest } from './ingest.ts';

let database: TestDatabase;
let nats: RunningNats;
let ingest: TestIngest;
let connection: NatsConnection;

beforeAll(async () => {
  [database, nats] = await Promise.all([testDatabase('ingest'), startNats()]);
  ingest = await startTestIngest({ databaseUrl: database.url('ingest'), natsUrl: nats.url });
  connection = await connectToNats({ servers: nats.url });
  await waitFor('ingest is ready', async () => (await fetch(`${ingest.url}/health/ready`)).ok);
});
afterAll(async () => {
  await connection?.close();
  await ingest?.stop();
  await nats?.stop();
  await database?.drop();
});

const PROBLEM = 'application/problem+json';
const now = () => ingest.clock.now();

describe('a good webhook', () => {
  it('is committed, told and answered 202', async () => {
    const id = nextId();
    const event = completed(now(), { attemptId: 'a-told', score: 12.345678 });
    const sent = await send(ingest, event, { id });
    expect(sent).toMatchObject({ status: 202, type: 'application/json', body: { id, duplicate: false } });

    const stored = await ingest.sql('SELECT source FROM accepted_webhook WHERE webhook_id = $1', [id]);
    expect(stored).toEqual([{ source: 'platform' }]);

    const manager = await jetstreamManager(connection);
    const message = await waitFor('the event is in the stream', () =>
      manager.streams.getMessage('INGEST_RESULT', { last_by_subj: ingestResultCompleted.subject }),
    );
    const envelope = Envelope.parse(message.json());
    expect(envelope).toMatchObject({ type: 'ingest.result.completed.v1', source: '/schoolbell/ingest', subject: 'a-told' });
    expect(ResultData.parse(envelope.data)).toMatchObject({ webhookId: id, organizationId: 'acme', score: 12.345678, attemptId: 'a-told' });
  });

  it('may be a regrade or a void', async () => {
    expect((await send(ingest, completed(now(), {}, { type: 'test.regraded' }))).status).toBe(202);
    expect((await send(ingest, { type: 'test.voided', timestamp: '2026-01-01T00:00:00Z', data: { attemptId: 'a-1' } })).status).toBe(202);
  });

  it('passes its trace on, if it is one', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    for (const [attemptId, header] of [['a-traced', traceparent], ['a-untraced', 'junk']] as const) {
      const id = nextId();
      const body = JSON.stringify(completed(now(), { attemptId }));
      await post(`${ingest.url}/v1/webhooks/platform`, body, { ...signedHeaders(id, body, now()), traceparent: header });
    }
    const rows = await ingest.sql<{ body: string }>(`SELECT body FROM outbox WHERE body LIKE '%traced"%' ORDER BY id`);
    expect(rows.map(({ body }) => (JSON.parse(body) as { traceparent?: string }).traceparent)).toEqual([traceparent, undefined]);
  });
});

describe('a repeated webhook', () => {
  it('is a duplicate and changes nothing', async () => {
    const id = nextId();
    const event = completed(now());
    expect((await send(ingest, event, { id })).body).toEqual({ id, duplicate: false });
    expect(await send(ingest, event, { id })).toMatchObject({ status: 202, body: { id, duplicate: true } });
    const [row] = await ingest.sql<{ count: number }>(`SELECT count(*)::int AS count FROM outbox WHERE body LIKE $1`, [`%"${id}"%`]);
    expect(row?.count).toBe(1);
  });

  it('is stored once when it comes many times at once', async () => {
    const id = nextId();
    const event = completed(now());
    const sent = await Promise.all(Array.from({ length: 40 }, () => send(ingest, event, { id })));
    expect(sent.every(({ status }) => status === 202)).toBe(true);
    expect(sent.filter(({ body }) => body['duplicate'] === false)).toHaveLength(1);
  });

  it('is refused with another body, whenever it comes', async () => {
    const id = nextId();
    const first = completed(now());
    const other = completed(now(), { score: 1 });
    const sent = await Promise.all([first, other, first, other].map((event) => send(ingest, event, { id })));
    expect(sent.map(({ status }) => status).sort()).toEqual([202, 202, 409, 409]);
    const again = await Promise.all([send(ingest, first, { id }), send(ingest, other, { id })]);
    expect(again.map(({ status }) => status).sort()).toEqual([202, 409]);
    const conflict = again.find(({ status }) => status === 409);
    expect(conflict).toMatchObject({ type: PROBLEM, body: { code: 'webhook-conflict', id } });
    expect(await ingest.alerts()).toContainEqual(expect.objectContaining({ kind: 'webhook-conflict', fingerprint: 'webhook-conflict:platform', state: 'firing' }));
  });

  it('of another source is another webhook', async () => {
    const id = nextId();
    expect((await send(ingest, completed(now()), { id })).status).toBe(202);
    expect(await send(ingest, completed(now(), { score: 2 }), { id, source: 'slow' })).toMatchObject({ status: 202, body: { duplicate: false } });
  });
});

describe('a refused webhook', () => {
  const refused = async (status: number, code: string, sent: Promise<{ status: number; type: string | undefined; body: object }>) => {
    expect(await sent).toMatchObject({ status, type: PROBLEM, body: { status, code } });
  };
  const url = () => `${ingest.url}/v1/webhooks/platform`;

  it('401: header missing, stale, signature wrong', async () => {
    const body = JSON.stringify(completed(now()));
    const headers = signedHeaders(nextId(), body, now());
    await refused(401, 'missing-header', post(url(), body, {}));
    await refused(401, 'missing-header', post(url(), body, { ...headers, 'webhook-id': '' }));
    await refused(401, 'malformed-id', post(url(), body, { ...headers, 'webhook-id': 'a.b' }));
    await refused(401, 'malformed-timestamp', post(url(), body, { ...headers, 'webhook-timestamp': `${headers['webhook-timestamp']}.0` }));
    await refused(401, 'timestamp-too-old', post(url(), body, signedHeaders(nextId(), body, now() - 302_000)));
    await refused(401, 'timestamp-too-new', post(url(), body, signedHeaders(nextId(), body, now() + 302_000)));
    await refused(401, 'no-matching-signature', post(url(), `${body} `, headers));
    await refused(401, 'malformed-signature', post(url(), body, { ...headers, 'webhook-signature': `${headers['webhook-signature']},junk` }));
    const sent = await post(url(), body, {});
    expect(sent.headers.get('www-authenticate')).toBe('Standard-Webhooks');
  });

  it('401: bodies that differ only in invalid UTF-8', async () => {
    const signed = Buffer.from([0x22, 0xff, 0x22]);
    await refused(401, 'no-matching-signature', post(url(), Buffer.from([0x22, 0xfe, 0x22]), signedHeaders(nextId(), signed, now())));
    await refused(400, 'body-not-json', send(ingest, signed));
  });

  it('404: no such source, before the authentication', async () => {
    await refused(404, 'source-unknown', post(`${ingest.url}/v1/webhooks/nobody`, '{}', {}));
  });

  it('400: not JSON, but only if it is authentic', async () => {
    await refused(400, 'body-not-json', send(ingest, '{"type":'));
    await refused(401, 'missing-header', post(url(), '{"type":', {}));
  });

  it('413: larger than 256 KiB, before the authentication', async () => {
    await refused(413, 'body-too-large', post(url(), 'x'.repeat(256 * 1024 + 1), {}));
    await refused(400, 'body-not-json', send(ingest, 'x'.repeat(256 * 1024)));
  });

  it('415: another content type, an encoding, none at all', async () => {
    const body = JSON.stringify(completed(now()));
    const headers = signedHeaders(nextId(), body, now());
    await refused(415, 'media-type-unsupported', post(url(), body, { ...headers, 'content-type': 'text/plain' }));
    await refused(415, 'media-type-unsupported', post(url(), body, { ...headers, 'content-encoding': 'gzip' }));
    await refused(415, 'media-type-unsupported', fetch(url(), { method: 'POST' }).then(toSent));
    expect((await post(url(), body, { ...headers, 'content-type': 'application/cloudevents+json; charset=utf-8' })).status).toBe(202);
    expect((await post(url(), body, { ...headers, 'content-type': 'application/json;charset=UTF-8' })).status).toBe(202);
  });

  it('405: another method', async () => {
    await refused(405, 'method-not-allowed', fetch(url()).then(toSent));
  });

  it('422: structure, with the places', async () => {
    const sent = await send(ingest, completed(now(), { score: 'many', learnerId: 'x@example.com' }));
    expect(sent).toMatchObject({ status: 422, type: PROBLEM, body: { code: 'webhook-invalid' } });
    expect((sent.body['errors'] as { pointer: string }[]).map(({ pointer }) => pointer).sort()).toEqual(['/data/learnerId', '/data/score']);
  });

  it('422: an organization of somebody else, a time that cannot be', async () => {
    await refused(422, 'webhook-invalid-organization', send(ingest, completed(now(), { organizationId: 'initech' })));
    await refused(422, 'webhook-invalid-instant', send(ingest, completed(now() + 301_000)));
  });

  it('429: faster than the source may', async () => {
    const sent = await Promise.all(Array.from({ length: 4 }, () => send(ingest, completed(now()), { source: 'slow' })));
    const limited = sent.filter(({ status }) => status === 429);
    expect(limited.length).toBeGreaterThanOrEqual(2);
    expect(limited[0]).toMatchObject({ type: PROBLEM, body: { code: 'rate-limited' } });
    expect(limited[0]!.headers.get('retry-after')).toBe('1');
  });

  it('is told once after five of one kind', async () => {
    const kinds = async () => (await ingest.alerts()).filter(({ kind }) => kind === 'webhook-refused').map(({ fingerprint }) => fingerprint);
    for (let count = 0; count < 8; count += 1) await post(`${ingest.url}/v1/webhooks/basic`, '{}', { authorization: 'Basic cGxhdGZvcm06d3Jvbmc=' });
    for (let count = 0; count < 4; count += 1) await post(`${ingest.url}/v1/webhooks/bearer`, '{}', { authorization: 'Bearer wrong-wrong-wrong' });
    await waitFor('the alert', async () => (await kinds()).includes('webhook-refused:basic:wrong-credentials'));
    await post(`${ingest.url}/v1/webhooks/basic`, '{}', { authorization: 'Basic cGxhdGZvcm06d3Jvbmc=' });
    await waitFor('the refusals are written', async () => {
      const rows = await ingest.sql<{ count: number }>(`SELECT count(*)::int AS count FROM refusal WHERE source IN ('basic', 'bearer')`);
      return rows[0]!.count >= 10;
    });
    expect((await kinds()).filter((fingerprint) => fingerprint === 'webhook-refused:basic:wrong-credentials')).toHaveLength(1);
    expect(await kinds()).not.toContain('webhook-refused:bearer:wrong-credentials');
  });
});

describe('sources that prove themselves otherwise', () => {
  const own = (change: object = {}) => ({ meta: { id: nextId(), kind: 'done' }, at: '2026-01-01T00:00:00Z', attempt: 'a-9', user: 'u-9', points: 7.5, ...change });
  const hmac = (event: object) => {
    const body = JSON.stringify(event);
    const signature = createHmac('sha256', 'a-long-enough-password').update(body).digest('hex');
    return post(`${ingest.url}/v1/webhooks/hmac`, body, { 'x-signature': `sha256=${signature}` });
  };

  it('with an HMAC header, an id in the body and a transform', async () => {
    const event = own();
    expect(await hmac(event)).toMatchObject({ status: 202, body: { id: event.meta.id, duplicate: false } });
    expect(await hmac(event)).toMatchObject({ status: 202, body: { duplicate: true } });
    const [row] = await ingest.sql<{ body: string }>(`SELECT body FROM outbox WHERE body LIKE $1`, [`%"${event.meta.id}"%`]);
    expect((JSON.parse(row!.body) as { data: object }).data).toMatchObject({ learnerId: 'u-9', score: 7.5, organizationId: 'acme' });
  });

  it('with types that are ignored: answered, counted, not stored', async () => {
    expect(await hmac({ meta: { id: 'hb-1', kind: 'heartbeat' } })).toMatchObject({ status: 202, body: { id: 'hb-1', duplicate: false } });
    expect((await send(ingest, { type: 'ping' })).status).toBe(202);
    expect(await ingest.sql(`SELECT FROM accepted_webhook WHERE webhook_id = 'hb-1'`)).toHaveLength(0);
    expect(await ingest.metricsText()).toContain('ingest_webhooks_total{source="hmac",outcome="ignored",service="ingest"} 1');
  });

  it('with a transform that fails, or an event without an id', async () => {
    expect(await hmac(own({ user: { name: 'A Person' } }))).toMatchObject({ status: 422 });
    expect(await hmac(own({ meta: {} }))).toMatchObject({ status: 422, body: { code: 'webhook-invalid-event-id', errors: [{ pointer: '/meta/id' }] } });
  });

  it('with a bearer token or a password', async () => {
    const body = JSON.stringify(completed(now()));
    const bearer = { authorization: 'Bearer a-long-enough-password', 'x-event-id': 'order:17' };
    expect(await post(`${ingest.url}/v1/webhooks/bearer`, body, bearer)).toMatchObject({ status: 202, body: { id: 'order:17' } });
    const basic = { authorization: `Basic ${Buffer.from('platform:a-long-enough-password').toString('base64')}`, 'webhook-id': 'b-1' };
    expect(await post(`${ingest.url}/v1/webhooks/basic`, body, basic)).toMatchObject({ status: 202, body: { id: 'b-1' } });
    const wrong = await post(`${ingest.url}/v1/webhooks/basic`, body, { ...basic, authorization: 'Basic eDp5' });
    expect(wrong).toMatchObject({ status: 401, body: { code: 'wrong-credentials' } });
    expect(wrong.headers.get('www-authenticate')).toBe('Basic realm="schoolbell"');
  });
});

describe('operating', () => {
  it('is ready, documented and measured', async () => {
    const ready = await fetch(`${ingest.url}/health/ready`).then(toSent);
    expect(ready).toMatchObject({ status: 200, body: { status: 'ok' } });
    const document = (await (await fetch(`${ingest.url}/docs/json`)).json()) as { paths: Record<string, { post?: { responses: object } }> };
    const statuses = Object.keys(document.paths['/v1/webhooks/{source}']!.post!.responses);
    expect(statuses).toEqual(expect.arrayContaining(['202', '400', '401', '404', '409', '413', '415', '422', '429', '503']));
    expect(await ingest.metricsText()).toMatch(/ingest_webhooks_total\{source="platform",outcome="accepted"/);
  });

  it('needs a token with the scope', async () => {
    expect((await fetch(`${ingest.url}/v1/quarantine`).then(toSent)).status).toBe(401);
    expect((await operate(ingest, 'GET', '/v1/quarantine', undefined, 'a-token-that-may-only-read')).status).toBe(200);
    expect((await operate(ingest, 'POST', '/v1/quarantine/replay', {}, 'a-token-that-may-only-read')).status).toBe(403);
    expect((await operate(ingest, 'GET', '/v1/dead-letters')).body).toEqual({ items: [], next: null });
  });

  it('answers what is no HTTP with a problem too', async () => {
    const socket = connect({ port: Number(new URL(ingest.url).port), host: '127.0.0.1' });
    socket.end('POST /v1/webhooks/platform HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    await once(socket, 'close');
    expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 400 [\s\S]*application\/problem\+json/);
  });

  it('keeps what it took while NATS was away', async () => {
    await nats.kill();
    const id = nextId();
    expect((await send(ingest, completed(now(), { attemptId: 'a-without-nats' }), { id })).status).toBe(202);
    await waitFor('ingest is degraded', async () => {
      const { status, body } = await fetch(`${ingest.url}/health/ready`).then(toSent);
      return status === 200 && body['status'] === 'degraded';
    });
    await nats.restart();
    await waitFor('the event is told', async () => {
      const rows = await ingest.sql(`SELECT FROM outbox WHERE body LIKE '%a-without-nats%' AND id IN (SELECT unnest(ids) FROM publication WHERE stream = outbox.stream)`);
      return rows.length === 1;
    });
  });
});
