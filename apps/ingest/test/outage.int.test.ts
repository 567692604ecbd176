import { DIRECT_ALERT_WILDCARD, type AlertData } from '@schoolbell/contracts';
import { startNats, startPostgres, waitFor, type RunningNats, type RunningPostgres, type TestDatabase } from '@schoolbell/testing';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completed, nextId, send, startTestIngest, toSent, type TestIngest } from './ingest.ts';

let postgres: RunningPostgres;
let nats: RunningNats;
let database: TestDatabase;
let ingest: TestIngest;
let replica: TestIngest;
let connection: NatsConnection;
const direct: AlertData[] = [];

beforeAll(async () => {
  [postgres, nats] = await Promise.all([startPostgres(), startNats()]);
  database = await postgres.database('ingest');
  connection = await connect({ servers: nats.url });
  connection.subscribe(DIRECT_ALERT_WILDCARD, { callback: (_, message) => void direct.push(message.json<{ data: AlertData }>().data) });
  const urls = { databaseUrl: database.url('ingest'), natsUrl: nats.url };
  [ingest, replica] = await Promise.all([startTestIngest(urls), startTestIngest(urls)]);
  for (const one of [ingest, replica]) await waitFor('ready', async () => (await ready(one)).status === 200);
});
afterAll(async () => {
  await connection?.close();
  await Promise.all([ingest?.stop(), replica?.stop()]);
  await nats?.stop();
  await postgres?.stop();
});

const ready = async (one: TestIngest) => toSent(await fetch(`${one.url}/health/ready`));
const now = () => ingest.clock.now();

describe('two replicas', () => {
  it('store a webhook once', async () => {
    const id = nextId();
    const event = completed(now());
    const sent = await Promise.all(Array.from({ length: 40 }, (_, index) => send(index % 2 === 0 ? ingest : replica, event, { id })));
    expect(sent.every(({ status }) => status === 202)).toBe(true);
    expect(sent.filter(({ body }) => body['duplicate'] === false)).toHaveLength(1);
  });

  it('agree on which of two bodies came first', async () => {
    const id = nextId();
    const bodies = [completed(now()), completed(now(), { score: 1 })];
    const sent = await Promise.all(Array.from({ length: 20 }, (_, index) => send(index % 2 === 0 ? ingest : replica, bodies[index % 4 < 2 ? 0 : 1], { id })));
    expect(new Set(sent.map(({ status }) => status))).toEqual(new Set([202, 409]));
    expect(sent.filter(({ status }) => status === 409)).toHaveLength(10);
    expect(sent.filter(({ body }) => body['duplicate'] === false)).toHaveLength(1);
  });
});

describe('without Postgres', () => {
  it('answers 503 with Retry-After, raises an alert that needs no database, and loses nothing acknowledged', async () => {
    const acknowledged: string[] = [];
    let stopped = false;
    const storm = Array.from({ length: 8 }, async () => {
      while (!stopped) {
        const id = nextId();
        const { status, headers, type } = await send(ingest, completed(now()), { id });
        expect([202, 503]).toContain(status);
        if (status === 202) acknowledged.push(id);
        else expect([headers.get('retry-after'), type]).toEqual(['2', 'application/problem+json']);
      }
    });
    try {
      await waitFor('some are acknowledged', () => acknowledged.length >= 50);
      await postgres.kill('SIGKILL');
      await waitFor('not ready', async () => (await ready(ingest)).status === 503);
      await waitFor('the alert', () => direct.some(({ kind, state }) => kind === 'database-down' && state === 'firing'));
      await postgres.restart();
      await waitFor('ready again', async () => (await ready(ingest)).status === 200);
      await waitFor('its end', () => direct.at(-1)?.state === 'resolved');
      const before = acknowledged.length;
      await waitFor('more are acknowledged', () => acknowledged.length >= before + 50);
    } finally {
      stopped = true;
      await Promise.all(storm);
    }
    const rows = await ingest.sql<{ id: string }>('SELECT webhook_id AS id FROM accepted_webhook WHERE webhook_id = ANY ($1)', [acknowledged]);
    expect(rows).toHaveLength(acknowledged.length);
  });

  it('lets nobody wait for long when Postgres hangs, and takes the same webhook afterwards', async () => {
    const holder = new pg.Client({ connectionString: database.url('ingest'), options: '-c search_path=ingest' });
    await holder.connect();
    const id = nextId();
    const event = completed(now());
    try {
      await holder.query('BEGIN; LOCK TABLE accepted_webhook IN ACCESS EXCLUSIVE MODE');
      const startedMs = performance.now();
      expect(await send(ingest, event, { id })).toMatchObject({ status: 503, body: { code: 'not-stored' } });
      expect(performance.now() - startedMs).toBeLessThan(7000);
    } finally {
      await holder.end();
    }
    await waitFor('it is taken', async () => (await send(ingest, event, { id })).status === 202);
    expect(await send(ingest, event, { id })).toMatchObject({ status: 202, body: { duplicate: true } });
    expect(await ingest.sql('SELECT FROM outbox WHERE body LIKE $1', [`%"${id}"%`])).toHaveLength(1);
  });
});
