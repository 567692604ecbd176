import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { testDatabase, type TestDatabase } from '@schoolbell/testing';
import {
  classifyDatabaseError,
  createDatabase,
  createLogger,
  createMetrics,
  RolledBackError,
  type Database,
  type Metrics,
  type Plans,
  type Tx,
} from '../src/index.ts';

const log = createLogger({ service: 'ingest', level: 'silent' });
const insert = { name: 'kit_insert', text: 'INSERT INTO kit (key, value) VALUES ($1, $2)' };
const list = { name: 'kit_list', text: 'SELECT key, value FROM kit ORDER BY key' };
const raise = { name: 'kit_raise', text: 'UPDATE kit SET value = value + 1 WHERE key = $1' };
const pid = { name: 'kit_pid', text: 'SELECT pg_backend_pid() AS pid' };

let database: TestDatabase;
let db: Database;
let metrics: Metrics;

beforeAll(async () => {
  database = await testDatabase('ingest');
  metrics = createMetrics('ingest');
  db = createDatabase({ url: database.url('ingest'), schema: 'ingest', maxConnections: 4, log, metrics });
  await db.pool.query('CREATE TABLE kit (key text PRIMARY KEY, value integer NOT NULL CHECK (value < 100))');
});
afterEach(() => db.pool.query('TRUNCATE kit'));
afterAll(async () => {
  await db.close();
  await database.drop();
});

const failure = (work: Promise<unknown>): Promise<unknown> => work.then(() => undefined, (error: unknown) => error);

describe('transaction', () => {
  test('commits what it did, and returns what the work returned', async () => {
    const result = await db.transaction(async (tx) => {
      await tx.query(insert, ['a', 1]);
      return 'done';
    });
    expect(result).toBe('done');
    expect(await db.query(list, [])).toEqual([{ key: 'a', value: 1 }]);
  });

  test('rolls back when the work throws, also with statements still on the wire', async () => {
    const error = await failure(
      db.transaction(async (tx) => {
        await Promise.all([tx.query(insert, ['a', 1]), tx.query(insert, ['a', 2]), tx.query(insert, ['b', 3])]);
      }),
    );
    expect(classifyDatabaseError(error)).toBe('constraint');
    expect(error).toMatchObject({ statement: 'kit_insert' });
    expect(await db.query(list, [])).toEqual([]);
  });

  test('what was sent without waiting is committed, or fails the transaction with its own error', async () => {
    await db.transaction(async (tx) => tx.send(insert, ['a', 1]));
    expect(await db.query(list, [])).toEqual([{ key: 'a', value: 1 }]);
    const atTheEnd = db.transaction(async (tx) => tx.send(insert, ['b', 500]));
    await expect(atTheEnd).rejects.toMatchObject({ code: '23514', statement: 'kit_insert' });
    // The server refuses what is asked after it, and that must not hide the reason.
    const before = db.transaction(async (tx) => {
      tx.send(insert, ['a', 2]);
      await tx.query(list, []);
    });
    await expect(before).rejects.toMatchObject({ code: '23505', statement: 'kit_insert' });
    // The same for one that somebody waits for, through more promises than whoever waits for the next one.
    const together = db.transaction(async (tx) => {
      const deep = (async () => (await Promise.all([tx.query(insert, ['a', 2])]))[0])();
      await Promise.all([deep.then(() => undefined), tx.query(list, [])]);
    });
    await expect(together).rejects.toMatchObject({ code: '23505', statement: 'kit_insert' });
    expect(await db.query(list, [])).toEqual([{ key: 'a', value: 1 }]);
  });

  test('a swallowed error is not taken for a commit', async () => {
    const error = await failure(
      db.transaction(async (tx) => {
        await tx.query(insert, ['a', 1]);
        await tx.query(insert, ['b', 500]).catch(() => undefined);
      }),
    );
    expect(error).toBeInstanceOf(RolledBackError);
    expect(await db.query(list, [])).toEqual([]);
  });

  test('a transaction that is over takes no more statements', async () => {
    let kept: Tx | undefined;
    await db.transaction(async (tx) => void (kept = tx));
    await expect(kept!.query(insert, ['a', 1])).rejects.toThrow('after the end of its transaction');
    expect(await db.query(list, [])).toEqual([]);
  });

  test('a deadlock runs the whole work again', async () => {
    await db.transaction(async (tx) => void (await Promise.all([tx.query(insert, ['a', 0]), tx.query(insert, ['b', 0])])));
    let runs = 0;
    let arrived = 0;
    let release: () => void;
    const bothHoldOne = new Promise<void>((resolve) => (release = resolve));
    const crossing = (first: string, second: string): Promise<void> =>
      db.transaction(async (tx) => {
        runs += 1;
        await tx.query(raise, [first]);
        if ((arrived += 1) === 2) release();
        await bothHoldOne;
        await tx.query(raise, [second]);
      });
    await Promise.all([crossing('a', 'b'), crossing('b', 'a')]);
    expect(runs).toBe(3);
    expect(await db.query(list, [])).toEqual([{ key: 'a', value: 2 }, { key: 'b', value: 2 }]);
    expect(await metrics.registry.metrics()).toContain('schoolbell_database_retries_total{service="ingest"} 1');
  });

  test('an asynchronous commit is for that transaction only', async () => {
    const show = { name: 'kit_sync', text: 'SHOW synchronous_commit' };
    const within = await db.transaction((tx) => tx.query(show, []), { synchronousCommit: false });
    expect([...within, ...(await db.query(show, []))]).toEqual([{ synchronous_commit: 'off' }, { synchronous_commit: 'on' }]);
  });

  test('what waits for the commit happens after it, and not for a run that was rolled back', async () => {
    const told: string[] = [];
    await failure(
      db.transaction(async (tx) => {
        tx.afterCommit(() => told.push('never'));
        await tx.query(insert, ['a', 500]);
      }),
    );
    await db.transaction(async (tx) => {
      tx.afterCommit(() => told.push('once'));
      await tx.query(insert, ['a', 1]);
      expect(told).toEqual([]);
    });
    expect(told).toEqual(['once']);
  });
});

describe('connections', () => {
  test('one that is killed in use fails its transaction and nothing else', async () => {
    const kill = { name: 'kit_kill', text: 'SELECT pg_terminate_backend(pg_backend_pid())' };
    const error = await failure(db.transaction((tx) => tx.query(kill, [])));
    expect(classifyDatabaseError(error)).toBe('unavailable');
    expect(await db.query(list, [])).toEqual([]);
  });

  test('one that is killed while idle is replaced', async () => {
    const [row] = await db.query<{ pid: number }>(pid, []);
    const lost = new Promise((resolve) => db.pool.once('error', resolve));
    const killer = createDatabase({ url: database.adminUrl, schema: 'public', log, metrics: createMetrics('ingest') });
    await killer.query({ name: 'kit_kill_one', text: 'SELECT pg_terminate_backend($1)' }, [row!.pid]);
    await killer.close();
    await lost;
    expect((await db.query<{ pid: number }>(pid, []))[0]!.pid).not.toBe(row!.pid);
  });

  test('a statement that hangs is ended by the server', async () => {
    const error = await failure(
      db.transaction(async (tx) => {
        await tx.query({ name: 'kit_patience', text: "SELECT set_config('statement_timeout', '20', true)" }, []);
        await tx.query({ name: 'kit_sleep', text: 'SELECT pg_sleep(30)' }, []);
      }),
    );
    expect(error).toMatchObject({ code: '57014' });
    expect(classifyDatabaseError(error)).toBe('unavailable');
  });

  test('a full pool refuses after a while instead of waiting for ever', async () => {
    const small = createDatabase({ url: database.url('ingest'), schema: 'ingest', maxConnections: 1, log, metrics: createMetrics('ingest') });
    await small.transaction(async () => {
      expect(classifyDatabaseError(await failure(small.query(pid, [])))).toBe('unavailable');
    });
    await small.close();
  });

  test('a server that is away is "unavailable"', async () => {
    const away = createDatabase({ url: 'postgresql://ingest@127.0.0.1:1/none', schema: 'ingest', log, metrics: createMetrics('ingest') });
    expect(classifyDatabaseError(await failure(away.query(pid, [])))).toBe('unavailable');
    expect(classifyDatabaseError(await failure(away.transaction((tx) => tx.query(pid, []))))).toBe('unavailable');
    await away.close();
  });

  test('measures connections and statements', async () => {
    await db.query(list, []);
    const text = await metrics.registry.metrics();
    expect(text).toMatch(/schoolbell_database_connections\{[^}]*state="idle"[^}]*\} [1-4]/);
    expect(text).toMatch(/schoolbell_database_statement_seconds_count\{[^}]*statement="kit_list"[^}]*\} \d+/);
  });
});

describe('plans', () => {
  const explain = { name: 'kit_explain', text: 'EXPLAIN SELECT sum(length(key)) FROM kit WHERE value = 7' };
  const planned = async (plans: Plans): Promise<string> => {
    const planning = createDatabase({ url: database.url('ingest'), schema: 'ingest', maxConnections: 1, plans, log, metrics: createMetrics('ingest') });
    const lines = await planning.query<{ 'QUERY PLAN': string }>(explain, []);
    await planning.close();
    return lines.map((line) => line['QUERY PLAN']).join('\n');
  };

  test('read a small table by its index, and "by-entry" never makes a bitmap of it', async () => {
    await db.pool.query('CREATE INDEX kit_value ON kit (value)');
    await db.pool.query("INSERT INTO kit SELECT 'k-' || n, n % 50 FROM generate_series(1, 2000) AS n");
    await db.pool.query('ANALYZE kit');
    expect(await planned('by-key')).toContain('Bitmap Index Scan on kit_value');
    expect(await planned('by-entry')).toContain('Index Scan using kit_value');
    await db.pool.query('DROP INDEX kit_value');
  });
});
