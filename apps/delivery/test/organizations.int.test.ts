// A destination that is given to another organization: what is about the first never reaches the server of the second,
// whichever replica has read which file.
import { randomUUID } from 'node:crypto';
import { createDatabase, createLogger, createMetrics, type Database } from '@schoolbell/service-kit';
import { emptyTables, testDatabase, waitFor, type TestDatabase } from '@schoolbell/testing';
import { ManualClock } from '@schoolbell/time';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Destination } from '../src/destination/compile.ts';
import { createRegistrar } from '../src/destination/registrar.ts';
import { ensureDestinations, lockDestinations } from '../src/destination/store.ts';
import { createTurns } from '../src/dispatch/turn.ts';
import { upsertWanted } from '../src/wanted/upsert.ts';
import { inspect, type Inspector } from './delivery.ts';

const ID = 'school-lms';
const NOW = Date.UTC(2026, 10, 21, 5, 30);
const LIMITS = { ratePerSecond: 1_000, concurrency: 64 };
const log = createLogger({ service: 'delivery', level: 'silent' });

let database: TestDatabase;
let db: Database;
let inspector: Inspector;
beforeAll(async () => {
  database = await testDatabase('delivery');
  db = createDatabase({ url: database.url('delivery'), schema: 'delivery', plans: 'by-entry', log, metrics: createMetrics('delivery') });
  inspector = inspect(database.url('delivery'));
});
afterAll(async () => {
  await db?.close();
  await inspector?.close();
  await database?.drop();
});
beforeEach(async () => {
  await emptyTables(inspector.sql, 'wanted, claim, destination');
  await belongsTo('acme');
});

const belongsTo = (organizationId: string) => ensureDestinations(db, [{ id: ID, organizationId, startPaused: false }], NOW - 60_000);
const wish = (organizationId: string) => [{ destinationId: ID, organizationId, kind: 'summary' as const, key: 'u-1', revision: 1, body: '{}' }];
const keys = async () => (await inspector.sql<{ key: string }>('SELECT key FROM wanted')).map(({ key }) => key);

describe('what is told about an organization', () => {
  it.each([
    ['acme', ['u-1']],
    ['globex', []],
  ])('(%s) is wanted only where it is at home, and leased only there', async (organizationId, expected) => {
    const leased = await db.transaction(async (tx) => {
      const [, rows] = await Promise.all([lockDestinations(tx, [ID]), upsertWanted(tx, wish(organizationId), randomUUID(), [{ id: ID, limits: LIMITS, leaseUntil: NOW + 7_000 }], NOW)]);
      return rows;
    });
    expect(leased.map(({ key }) => key)).toEqual(expected);
    expect(await keys()).toEqual(expected);
    expect(await inspector.sql('SELECT FROM claim')).toHaveLength(expected.length);
  });

  it('is forgotten by a move also where it was being written down meanwhile', async () => {
    let moving: Promise<readonly string[]> | undefined;
    await db.transaction(async (tx) => {
      await upsertWanted(tx, wish('acme'), randomUUID(), [], NOW);
      moving = belongsTo('globex');
      const waits = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'LOCK TABLE wanted%'";
      await waitFor('the move waits', async () => (await inspector.sql(waits)).length === 1);
    });
    expect(await moving).toEqual([ID]);
    expect(await keys()).toEqual([]);
  });
});

describe('a turn', () => {
  it.each([
    ['acme', 1],
    ['globex', 0],
  ])('for a destination of %s takes %i of what is wanted for acme', async (organizationId, count) => {
    await db.transaction((tx) => upsertWanted(tx, wish('acme'), randomUUID(), [], NOW));
    const announcer = { changed: () => Promise.resolve(), parked: () => Promise.resolve() };
    const turns = createTurns({ db, announcer, clock: new ManualClock(NOW), random: () => 0.5 });
    const destination = { id: ID, organizationId, timeoutMs: 1_000, ...LIMITS } as Destination;
    const { jobs } = await turns.full(destination, [], null, true);
    expect(jobs).toHaveLength(count);
    expect(jobs.every((job) => job.organizationId === 'acme')).toBe(true);
  });
});

describe('what comes in before the rows of the destinations are there', () => {
  it('is not taken in when they can no longer be awaited', async () => {
    const away = { transaction: () => Promise.reject(Object.assign(new Error('away'), { code: 'ECONNREFUSED' })) } as unknown as Database;
    const registrar = createRegistrar({ db: away, clock: new ManualClock(NOW), log });
    registrar.register([{ id: ID, organizationId: 'acme', startPaused: false }]);
    const registered = registrar.registered();
    await Promise.all([registrar.stop(), expect(registered).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })]);
  });
});
