// Whatever fails in a transaction, each statement gets its own answer, and so does whoever has the connection next.
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase, type TestDatabase } from '@schoolbell/testing';
import { classifyDatabaseError, createDatabase, createLogger, createMetrics, type Database, type Statement, type Tx } from '../src/index.ts';
import { runTransaction } from '../src/db/transaction.ts';

const echo = { name: 'pipeline_echo', text: 'SELECT $1::integer AS value' };
const divide = { name: 'pipeline_divide', text: 'SELECT 1 / $1::integer AS value' };
const unprepared = { ...echo, prepared: false } as const;
const IN_FAILED_TRANSACTION = '25P02';

let database: TestDatabase;
let db: Database;

beforeAll(async () => {
  database = await testDatabase('ingest');
  // One connection: what one transaction leaves wrong, the next one meets.
  db = createDatabase({ url: database.url('ingest'), schema: 'ingest', maxConnections: 1, log: createLogger({ service: 'ingest', level: 'silent' }), metrics: createMetrics('ingest') });
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

type Kind = 'echo' | 'unprepared' | 'fails' | 'is no SQL';
interface Step {
  readonly kind: Kind;
  /** The next statement is written only when this one is answered. */
  readonly awaited: boolean;
}
let statements = 0;

function statementOf(kind: Kind, value: number): [Statement, readonly unknown[]] {
  if (kind === 'fails') return [divide, [0]];
  if (kind === 'is no SQL') return [{ name: `pipeline_new_${(statements += 1)}`, text: 'SELEKT 1' }, []];
  return [kind === 'unprepared' ? unprepared : echo, [value]];
}

/** What each statement came to: its value, or the SQLSTATE of its error. */
async function run(steps: readonly Step[]): Promise<unknown[]> {
  const outcomes: Promise<unknown>[] = [];
  await db
    .transaction(async (tx) => {
      for (const [value, { kind, awaited }] of steps.entries()) {
        const outcome = tx.query<{ value: number }>(...statementOf(kind, value)).then(
          (rows) => rows[0]!.value,
          (error: { code?: string }) => error.code ?? 'no code',
        );
        outcomes.push(outcome);
        if (awaited) await outcome;
      }
    })
    .catch(() => undefined);
  return Promise.all(outcomes);
}

/** The first failure of the server stands for itself; what is asked after it is refused. */
function expected(steps: readonly Step[]): unknown[] {
  let failed = false;
  return steps.map(({ kind }, value) => {
    if (failed) return kind === 'is no SQL' ? expect.stringMatching(/^(25P02|42601)$/) : IN_FAILED_TRANSACTION;
    if (kind === 'fails' || kind === 'is no SQL') {
      failed = true;
      return kind === 'fails' ? '22012' : '42601';
    }
    return value;
  });
}

test('every statement of a transaction gets its own answer, and so does the next transaction', async () => {
  const kind = fc.oneof({ weight: 6, arbitrary: fc.constant<Kind>('echo') }, fc.constantFrom<Kind>('unprepared', 'fails', 'is no SQL'));
  const steps = fc.array(fc.record({ kind, awaited: fc.boolean() }), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      expect(await run(all)).toEqual(expected(all));
      expect(await db.query(echo, [4711])).toEqual([{ value: 4711 }]);
    }),
    { numRuns: 300 },
  );
});

test('statements of one turn end with one Sync', async () => {
  const client = await db.pool.connect();
  const { connection } = client as unknown as { connection: { sync(): void } };
  const sync = connection.sync;
  let syncs = 0;
  connection.sync = () => {
    syncs += 1;
    sync.call(connection);
  };
  client.release();
  await db.transaction(async (tx) => {
    await Promise.all([tx.query(echo, [1]), tx.query(echo, [2]), tx.query(echo, [3])]);
    tx.send(echo, [4]);
    tx.send(echo, [5]);
  });
  expect(syncs).toBe(2);
});

test('a transaction that could not begin says why, not that its statements were skipped', async () => {
  const work = (tx: Tx): Promise<unknown> => Promise.all([tx.query(echo, [1]), tx.query(echo, [2])]);
  await expect(runTransaction(db.pool, ['BEGIN', 'SELEKT 1'], work, () => undefined)).rejects.toMatchObject({ code: '42601' });
  expect(await db.query(echo, [3])).toEqual([{ value: 3 }]);
});

test('what was asked of a connection that the server has ended fails as unavailable', async () => {
  const client = await db.pool.connect();
  const [{ pid } = { pid: 0 }] = (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows;
  client.release();
  const admin = new pg.Client({ connectionString: database.url('ingest') });
  await admin.connect();
  // Both are on the wire before the end of the first is heard of.
  const ended = admin.query('SELECT pg_terminate_backend($1)', [pid]);
  const failures: unknown[] = [];
  for (let attempt = 0; attempt < 50; attempt += 1) {
    await db.transaction((tx) => Promise.all([tx.query(echo, [1]), tx.query(echo, [2])])).catch((error: unknown) => failures.push(error));
  }
  await ended;
  await admin.end();
  expect(failures.map((error) => classifyDatabaseError(error)).filter((kind) => kind !== 'unavailable')).toEqual([]);
});
