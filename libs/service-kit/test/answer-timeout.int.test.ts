// A server that hangs is a wire that carries nothing more: what was asked fails, and what nobody asked is left alone.
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { startWire, testDatabase, type TestDatabase, type Wire } from '@schoolbell/testing';
import { waitMs } from '@schoolbell/time';
import { endWhenUnanswered } from '../src/db/answer-timeout.ts';
import { classifyDatabaseError } from '../src/index.ts';

const SILENCE_MS = 200;

let database: TestDatabase;
let wire: Wire;
let client: pg.Client;

beforeAll(async () => {
  database = await testDatabase('ingest');
  wire = await startWire(database.url('ingest'));
});
beforeEach(async () => {
  client = new pg.Client({ connectionString: wire.url, pipeline: true });
  client.on('error', () => undefined);
  await client.connect();
  endWhenUnanswered(client, SILENCE_MS);
});
afterEach(async () => {
  wire.cut();
  await client.end().catch(() => undefined);
});
afterAll(async () => {
  wire.stop();
  await database.drop();
});

it('fails everything that was asked of a server that hangs, as unavailable', async () => {
  wire.hang();
  const asked = await Promise.allSettled([client.query('SELECT 1'), client.query('SELECT 2')]);
  expect(asked.map((answer) => answer.status)).toEqual(['rejected', 'rejected']);
  for (const answer of asked) {
    const { reason } = answer as PromiseRejectedResult;
    expect(reason).toMatchObject({ message: 'Query read timeout' });
    expect(classifyDatabaseError(reason)).toBe('unavailable');
  }
  await expect(client.query('SELECT 3')).rejects.toThrow();
});

it('fails what is asked after a silence that nobody minded', async () => {
  await waitMs(2 * SILENCE_MS);
  wire.hang();
  await expect(client.query('SELECT 1')).rejects.toThrow('Query read timeout');
});

it('leaves a connection alone that owes nothing, however long', async () => {
  await waitMs(2 * SILENCE_MS);
  expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  await waitMs(2 * SILENCE_MS);
  expect((await client.query('SELECT 2 AS two')).rows).toEqual([{ two: 2 }]);
});

it('waits for statements of a run as long as one of them is answered in time', async () => {
  const slow = `SELECT pg_sleep(${(0.6 * SILENCE_MS) / 1000})`;
  const started = performance.now();
  await Promise.all([client.query(slow), client.query(slow), client.query(slow)]);
  expect(performance.now() - started).toBeGreaterThan(SILENCE_MS);
});
