import { ingestResultStream } from '@schoolbell/contracts';
import { createDatabase, createLogger, createMetrics, type Database } from '@schoolbell/service-kit';
import { emptyTables, testDatabase, type TestDatabase } from '@schoolbell/testing';
import { ManualClock } from '@schoolbell/time';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createOutbox, createOutboxLedger, type Ledger, type LedgerSession } from '../src/index.ts';
import { voidOf } from './harness.ts';

const EPOCH = '00000000-0000-4000-8000-000000000001';
const LIMIT = 100;
const SECOND_MS = 1_000;
/** One a second: whatever other tests do in the same server, an id settles within a minute, then come complete looks. */
const LOOKS_UNTIL_CHECKED = 120;

describe('a queue as a ledger', () => {
  let database: TestDatabase;
  let db: Database;
  const clock = new ManualClock(1_000_000);
  const outbox = createOutbox({ service: 'ingest', clock });

  beforeAll(async () => {
    database = await testDatabase('ingest');
    db = createDatabase({ url: database.url('ingest'), schema: 'ingest', log: createLogger({ service: 'ingest', level: 'silent' }), metrics: createMetrics('ingest') });
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });
  beforeEach(async () => {
    await emptyTables((sql) => db.pool.query(sql), 'outbox, publication, publish_again, stream_state');
    await db.pool.query('INSERT INTO stream_state (stream, epoch) VALUES ($1, $2)', [ingestResultStream.name, EPOCH]);
  });

  /** A leader has one connection, so that its statements are carried out in order. */
  async function leading(work: (leader: LedgerSession, ledger: Ledger) => Promise<void>): Promise<void> {
    const client = await db.pool.connect();
    try {
      const leader: LedgerSession = { query: async ({ name, text }, values) => (await client.query({ name, text, values: [...values] })).rows };
      await work(leader, createOutboxLedger({ stream: ingestResultStream.name, clock }));
    } finally {
      client.release();
    }
  }
  const tell = (...names: string[]) => db.transaction((tx) => outbox.append(tx, names.map(voidOf)));
  const nameOf = ({ body }: { body: string }): string => JSON.parse(body).data.attemptId;

  /** One round of a relay whose stream takes everything: one message per row. */
  async function round(leader: LedgerSession, ledger: Ledger, firstSeq: number): Promise<string[]> {
    clock.advance(SECOND_MS);
    const rows = await ledger.pending(leader, LIMIT);
    ledger.note(EPOCH, rows.map(({ id }, index) => ({ seq: firstSeq + index, ids: [id] })));
    await ledger.write(leader);
    return rows.map(nameOf);
  }

  it('gives every row once, however often it looks', () =>
    leading(async (leader, ledger) => {
      const told: string[] = [];
      for (let look = 0; look < 30; look += 1) {
        if (look % 3 === 0) await tell(`a-${look}`);
        told.push(...(await round(leader, ledger, 10 * look)));
      }
      expect(told).toEqual(Array.from({ length: 10 }, (_, index) => `a-${3 * index}`));
    }));

  it('finds what commits late below rows that are long published', () =>
    leading(async (leader, ledger) => {
      let commit = (): void => undefined;
      let begun = (): void => undefined;
      const written = new Promise<void>((resolve) => (begun = resolve));
      const late = db.transaction(async (tx) => {
        await outbox.append(tx, [voidOf('late')]);
        begun();
        await new Promise<void>((resolve) => (commit = resolve));
      });
      await written;
      const told: string[] = [];
      for (let look = 0; look < 20; look += 1) {
        await tell(`b-${look}`);
        told.push(...(await round(leader, ledger, 10 * look)));
      }
      commit();
      await late;
      expect(await round(leader, ledger, 1_000)).toEqual(['late']);
      expect(told).toHaveLength(20);
      expect(await round(leader, ledger, 2_000)).toEqual([]);
    }));

  it('does not give a new leader what the one before has published, tidied or not', async () => {
    await leading(async (leader, ledger) => {
      await tell('c-1', 'c-2');
      expect(await round(leader, ledger, 1)).toEqual(['c-1', 'c-2']);
      for (let look = 0; look < LOOKS_UNTIL_CHECKED; look += 1) expect(await round(leader, ledger, 10)).toEqual([]);
      await ledger.tidy(leader, EPOCH, 2);
    });
    await tell('c-3');
    await leading(async (leader, ledger) => {
      expect(await round(leader, ledger, 3)).toEqual(['c-3']);
      await ledger.tidy(leader, EPOCH, 3);
      expect(await round(leader, ledger, 4)).toEqual([]);
    });
    const { rows } = await db.pool.query('SELECT seq::int AS seq FROM publication ORDER BY seq');
    expect(rows).toEqual([{ seq: 3 }]);
  });

  it('gives again what was above the floor when the stream was lost, once, and first', () =>
    leading(async (leader, ledger) => {
      await tell('d-1', 'd-2', 'd-3');
      expect(await round(leader, ledger, 1)).toHaveLength(3);
      for (let look = 0; look < 5; look += 1) await round(leader, ledger, 10);
      await tell('d-4');
      expect(await ledger.requeue(leader, EPOCH, 1)).toBe(2);
      expect(await ledger.backlog(db)).toBe(3);
      expect(await ledger.oldest(db)).toBeDefined();
      expect(await round(leader, ledger, 101)).toEqual(['d-2', 'd-3', 'd-4']);
      expect(await round(leader, ledger, 110)).toEqual([]);
      expect(await ledger.backlog(db)).toBe(0);
      expect(await ledger.oldest(db)).toBeUndefined();
    }));

  it('gives again what it could not mark', () =>
    leading(async (leader, ledger) => {
      await tell('e-1');
      clock.advance(SECOND_MS);
      const rows = await ledger.pending(leader, LIMIT);
      ledger.note('not a uuid', rows.map(({ id }) => ({ seq: 1, ids: [id] })));
      await expect(ledger.write(leader)).rejects.toThrow('uuid');
      expect(await round(leader, ledger, 1)).toEqual(['e-1']);
    }));

  it('knows what it noted before it is written down, and gives it to a leader who comes before that', async () => {
    await tell('f-1', 'f-2');
    await leading(async (leader, ledger) => {
      clock.advance(SECOND_MS);
      const rows = await ledger.pending(leader, LIMIT);
      ledger.note(EPOCH, [{ seq: 1, ids: [rows[0]!.id] }]);
      expect(rows.map(({ id }) => ledger.isPublished(id))).toEqual([true, false]);
      expect(ledger.noted()).toBe(1);
    });
    await leading(async (leader, ledger) => {
      clock.advance(SECOND_MS);
      const rows = await ledger.pending(leader, LIMIT);
      expect(rows.map(nameOf)).toEqual(['f-1', 'f-2']);
      ledger.note(EPOCH, rows.map(({ id }, index) => ({ seq: 1 + index, ids: [id] })));
      await ledger.write(leader);
      expect(ledger.noted()).toBe(0);
      expect(await ledger.backlog(db)).toBe(0);
    });
  });
});
