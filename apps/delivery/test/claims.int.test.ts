// The rows of claims beside the rows they lease: what is counted as live, marked, recovered, and converted.
import { readFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createDatabase, createLogger, createMetrics, type Database } from '@schoolbell/service-kit';
import { emptyTables, testDatabase, waitFor, type TestDatabase } from '@schoolbell/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { allowance } from '../src/destination/allowance.ts';
import { countLive, ensureDestinations, lockDestinations } from '../src/destination/store.ts';
import { claim } from '../src/wanted/claim.ts';
import { markAllSent, markRows, type Mark } from '../src/wanted/mark.ts';
import { recoverLost, recoverUnclaimed } from '../src/wanted/recover.ts';
import { upsertWanted } from '../src/wanted/upsert.ts';
import { inspect, type Inspector } from './delivery.ts';

const ID = 'acme-lms';
const NOW = Date.UTC(2026, 10, 21, 5, 30);
const LEASE_UNTIL = NOW + 7_000;
const SLOW = { ratePerSecond: 4, concurrency: 64 };
const GENEROUS = { ratePerSecond: 1_000, concurrency: 64 };

let database: TestDatabase;
let db: Database;
let inspector: Inspector;
beforeAll(async () => {
  database = await testDatabase('delivery');
  const log = createLogger({ service: 'delivery', level: 'silent' });
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
  await ensureDestinations(db, [{ id: ID, organizationId: 'acme', startPaused: false }], NOW - 60_000);
});

const rows = (revision: number, ...keys: string[]) => keys.map((key) => ({ destinationId: ID, organizationId: 'acme', kind: 'summary' as const, key, revision, body: '{}' }));

/** What the intake does. */
function takeIn(wanted: ReturnType<typeof rows>, { token = randomUUID() as string, limits = GENEROUS, now = NOW } = {}): Promise<{ token: string; keys: string[] }> {
  return db.transaction(async (tx) => {
    const [, leased] = await Promise.all([lockDestinations(tx, [ID]), upsertWanted(tx, wanted, token, [{ id: ID, limits, leaseUntil: LEASE_UNTIL }], now)]);
    return { token, keys: leased.map(({ key }) => key) };
  });
}
const mark = (token: string, key: string, revision: number, verdict: Mark['verdict'] = { kind: 'sent' }): Mark => ({
  job: { destinationId: ID, organizationId: 'acme', kind: 'summary', key, revision, body: '{}', replayId: null, attempts: 0, waitedMs: 0, probe: false, token, leaseUntil: LEASE_UNTIL, generation: 0 },
  verdict,
  failure: '',
});
const live = (now = NOW): Promise<number> => db.transaction(async (tx) => (await countLive(tx, [ID], now))(ID));
const RETRY = { kind: 'retry', dueAt: NOW + 2_000, attempts: 1, waitedMs: 2_000, notBefore: null } as const;

describe('a claim', () => {
  it('is live as long as its rows are leased, and goes with the last mark', async () => {
    const { token, keys } = await takeIn(rows(1, 'u-1', 'u-2', 'u-3'));
    expect(keys).toEqual(['u-1', 'u-2', 'u-3']);
    expect(await live()).toBe(3);
    expect(await live(LEASE_UNTIL)).toBe(0);
    await db.transaction((tx) => markRows(tx, ID, [mark(token, 'u-3', 1), mark(token, 'u-1', 1, RETRY)], NOW));
    expect(await live()).toBe(1);
    // Once more, as after a commit whose answer was lost.
    expect(await markAllSent(db, ID, [mark(token, 'u-3', 1)], NOW)).toBe(true);
    expect(await live()).toBe(1);
    expect(await markAllSent(db, ID, [mark(token, 'u-2', 1)], NOW)).toBe(false);
    expect(await inspector.sql('SELECT FROM claim')).toEqual([]);
    expect(await inspector.wanted('u-1')).toMatchObject({ sent_revision: '0', attempts: 1, lease_until: null });
    expect(await inspector.wanted('u-2')).toMatchObject({ sent_revision: '1', due_at: null, lease_until: null });
  });

  it('leases what is free and no more than there is room for', async () => {
    const limits = { ratePerSecond: 1_000, concurrency: 3 };
    const first = await takeIn(rows(1, 'u-1', 'u-2'), { limits });
    // There is room for one more, and the first in line is in flight: it takes no second lease.
    const second = await takeIn(rows(2, 'u-1').concat(rows(1, 'u-3', 'u-4')), { limits });
    expect([first.keys, second.keys]).toEqual([['u-1', 'u-2'], []]);
    await markAllSent(db, ID, [mark(first.token, 'u-2', 1)], NOW);
    const jobs = await db.transaction(async (tx) => {
      const [state] = await lockDestinations(tx, [ID]);
      return claim(tx, { state: state!, count: 9, tokens: 9, token: randomUUID(), leaseUntil: LEASE_UNTIL, probe: false, now: NOW });
    });
    expect(jobs.map(({ key }) => key).sort()).toEqual(['u-3', 'u-4']);
    expect(await live()).toBe(3);
  });
});

describe('a mark that meets a newer revision on its row', () => {
  it('waits for it, is written all the same, and says that something is due again', async () => {
    const { token } = await takeIn(rows(1, 'u-1', 'u-2'));
    let marked: Promise<boolean> | undefined;
    await db.transaction(async (tx) => {
      await upsertWanted(tx, rows(2, 'u-1'), randomUUID(), [], NOW);
      marked = markAllSent(db, ID, [mark(token, 'u-2', 1), mark(token, 'u-1', 1)], NOW);
      const waits = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%sent_revision%'";
      await waitFor('the mark waits', async () => (await inspector.sql(waits)).length === 1);
    });
    expect(await marked).toBe(true);
    expect(await inspector.wanted('u-1')).toMatchObject({ wanted_revision: '2', sent_revision: '1', lease_until: null });
    expect((await inspector.wanted('u-1'))?.due_at).not.toBeNull();
    expect(await inspector.wanted('u-2')).toMatchObject({ sent_revision: '1', due_at: null });
    expect(await inspector.sql('SELECT FROM claim')).toEqual([]);
  });
});

describe('room for what comes in', () => {
  it('is what the allowance says', async () => {
    const instant = (from: number, to: number) => fc.integer({ min: from, max: to }).map((offset) => NOW + offset);
    const property = fc.asyncProperty(
      fc.record({
        state: fc.constantFrom('active' as const, 'active' as const, 'paused' as const),
        circuit: fc.constantFrom('closed' as const, 'closed' as const, 'open' as const),
        holdUntil: fc.option(instant(-1_000, 1_000)),
        ramp: fc.option(fc.integer({ min: 1, max: 8 })),
        tokens: fc.double({ min: 0, max: 12, noNaN: true }),
        tokensAt: instant(-2_000, 500),
      }),
      fc.record({ ratePerSecond: fc.constantFrom(0.5, 1, 4, 50), concurrency: fc.integer({ min: 1, max: 10 }) }),
      fc.integer({ min: 0, max: 8 }),
      async (row, limits, held) => {
        await emptyTables(inspector.sql, 'wanted, claim');
        await inspector.sql(
          `UPDATE destination SET state = $1, circuit = $2, hold_until = to_timestamp($3::float8 / 1000), ramp = $4, tokens = $5, tokens_at = to_timestamp($6::float8 / 1000)`,
          [row.state, row.circuit, row.holdUntil, row.ramp, row.tokens, row.tokensAt],
        );
        if (held > 0) {
          await inspector.sql(
            'INSERT INTO claim SELECT $1, gen_random_uuid(), to_timestamp($2::float8 / 1000), $3::int, array_fill($4::text, ARRAY[$3::int]), array_fill($4::text, ARRAY[$3::int])',
            [ID, LEASE_UNTIL, held, 'x'],
          );
        }
        const [before] = await db.transaction((tx) => lockDestinations(tx, [ID]));
        const allowed = allowance(before!, limits, held, NOW);
        const { keys } = await takeIn(rows(1, ...Array.from({ length: 12 }, (_, n) => `u-${n + 10}`)), { limits });
        expect(keys).toHaveLength(allowed.kind === 'requests' ? allowed.count : 0);
        const [after] = await db.transaction((tx) => lockDestinations(tx, [ID]));
        if (allowed.kind === 'requests') expect(after!.tokens).toBeCloseTo(allowed.tokens - allowed.count, 6);
        else expect(after!.tokens).toBe(before!.tokens);
      },
    );
    await fc.assert(property, { numRuns: 60 });
  });

  // Who claims reads the clock and then waits for the lock: those after it may have read an earlier instant.
  it.each([
    ['in the statement that takes in', (key: string, now: number) => takeIn(rows(1, key), { limits: SLOW, now }).then(({ keys }) => keys.length)],
    ['in a turn', async (key: string, now: number) => {
      await inspector.sql(`INSERT INTO wanted (destination_id, kind, key, wanted_revision, body, wanted_since, due_at) VALUES ($1, 'summary', $2, 1, '{}', $3, $3)`, [ID, key, new Date(NOW - 30_000)]);
      return await db.transaction(async (tx) => {
        const [state] = await lockDestinations(tx, [ID]);
        const allowed = allowance(state!, SLOW, 0, now);
        if (allowed.kind !== 'requests') return 0;
        const jobs = await claim(tx, { state: state!, count: 1, tokens: allowed.tokens, token: randomUUID(), leaseUntil: LEASE_UNTIL, probe: false, now });
        return jobs.length;
      });
    }],
  ] as const)('earns no second twice when clocks are read in another order than locks are had, %s', async (_, claimOne) => {
    await inspector.sql('UPDATE destination SET tokens = 3, tokens_at = $1', [new Date(NOW)]);
    for (const [index, now] of [NOW, NOW - 900, NOW].entries()) expect(await claimOne(`u-${index}`, now)).toBe(1);
    expect(await claimOne('u-late', NOW)).toBe(0);
    const [after] = await db.transaction((tx) => lockDestinations(tx, [ID]));
    expect([after!.tokens, after!.tokensAt]).toEqual([0, NOW]);
  });

  it('earns again half a minute after a clock stepped back', async () => {
    await inspector.sql('UPDATE destination SET tokens = 3, tokens_at = $1', [new Date(NOW + 3_600_000)]);
    await takeIn(rows(1, 'u-1'), { limits: SLOW });
    const [after] = await db.transaction((tx) => lockDestinations(tx, [ID]));
    expect([after!.tokens, after!.tokensAt]).toEqual([2, NOW + 30_000]);
  });
});

describe('recovery', () => {
  it('frees what a lost process held, with its claim, and leaves what is marked', async () => {
    const { token } = await takeIn(rows(1, 'u-1', 'u-2'));
    await markAllSent(db, ID, [mark(token, 'u-1', 1)], NOW);
    expect(await recoverLost(db, LEASE_UNTIL - 1)).toEqual([]);
    expect(await recoverLost(db, LEASE_UNTIL)).toEqual([{ destinationId: ID }]);
    expect(await inspector.wanted('u-2')).toMatchObject({ lease_until: null, attempts: 1, last_failure: 'the sender was lost, the outcome is unknown' });
    expect(await inspector.wanted('u-1')).toMatchObject({ sent_revision: '1', due_at: null });
    expect(await inspector.sql('SELECT FROM claim')).toEqual([]);
    // The process was not dead after all: its mark comes too late and changes nothing.
    await markAllSent(db, ID, [mark(token, 'u-2', 1)], NOW);
    expect(await inspector.wanted('u-2')).toMatchObject({ sent_revision: '0' });
  });

  it('finds leases that no claim knows of', async () => {
    await takeIn(rows(1, 'u-1', 'u-2'));
    await inspector.sql('DELETE FROM claim');
    expect(await recoverLost(db, LEASE_UNTIL)).toEqual([]);
    expect(await recoverUnclaimed(db, LEASE_UNTIL - 1)).toEqual([]);
    expect(await recoverUnclaimed(db, LEASE_UNTIL)).toHaveLength(2);
    expect((await inspector.wanted('u-1'))?.due_at).not.toBeNull();
  });
});

describe('the migration', () => {
  it('makes claims of the leases that it finds', async () => {
    const first = await takeIn(rows(1, 'u-1', 'u-2'));
    const second = await takeIn(rows(1, 'u-3'));
    await inspector.sql('DROP TABLE claim');
    await inspector.sql('CREATE INDEX wanted_lease ON wanted (destination_id, lease_until) WHERE lease_until IS NOT NULL');
    await inspector.sql(await readFile(join(import.meta.dirname, '../prisma/migrations/0003_claims/migration.sql'), 'utf8'));
    expect(await live()).toBe(3);
    await markAllSent(db, ID, [mark(first.token, 'u-1', 1), mark(second.token, 'u-3', 1)], NOW);
    expect(await live()).toBe(1);
    expect(await recoverLost(db, LEASE_UNTIL)).toHaveLength(1);
    expect(await inspector.sql('SELECT FROM claim')).toEqual([]);
  });
});
