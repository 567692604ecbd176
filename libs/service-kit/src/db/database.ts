import { backoffMs, systemRandom, waitMs, type Random } from '@schoolbell/time';
import type pg from 'pg';
import type { Metrics } from '../metrics.ts';
import { classifyDatabaseError } from './classify.ts';
import { createDatabaseMetrics } from './metrics.ts';
import { createPool, type PoolOptions } from './pool.ts';
import { runStatement, type Statement } from './statement.ts';
import { observed, runTransaction, type Tx } from './transaction.ts';

/** Runs of one statement or transaction, the first included, before a deadlock is the caller's problem. */
const MAX_RUNS = 6;
const RETRY_BACKOFF = { baseMs: 4, maxMs: 100 };

export interface TransactionOptions {
  /** `false`: a crash of the server may lose the commit. Only for what a repair finds again. Default: true. */
  readonly synchronousCommit?: boolean;
}

/** The database of one service: one pool, named statements, transactions that survive deadlocks. */
export interface Database {
  /** For the Prisma client of the service and for sessions of its own; hot paths use `query` and `transaction`. */
  readonly pool: pg.Pool;
  /** One statement, committed by itself: one round trip. Runs again after a deadlock, as `transaction` does. */
  query<Row>(statement: Statement, values: readonly unknown[]): Promise<Row[]>;
  /**
   * Run the work in a transaction. On a deadlock or serialization failure (40P01, 40001) all of it runs again, so it
   * must have no effect outside the transaction before it returned.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Waits for the statements in flight, then closes the connections. */
  close(): Promise<void>;
}

export interface DatabaseOptions extends PoolOptions {
  readonly metrics: Metrics;
  /** Jitter of the retries. */
  readonly random?: Random;
}

/** Connects lazily: creating it needs no server. */
export function createDatabase({ metrics, random = systemRandom, ...options }: DatabaseOptions): Database {
  const pool = createPool(options);
  const { observe, retried } = createDatabaseMetrics(pool, metrics);
  let closed: Promise<void> | undefined;

  /** Both kinds of failure roll everything back, so the same may run again. */
  async function retrying<T>(work: () => Promise<T>): Promise<T> {
    for (let run = 1; ; run += 1) {
      try {
        return await work();
      } catch (error) {
        if (run === MAX_RUNS || classifyDatabaseError(error) !== 'deadlock') throw error;
        retried();
        await waitMs(backoffMs(run, RETRY_BACKOFF, random));
      }
    }
  }

  return {
    pool,
    query: <Row>(statement: Statement, values: readonly unknown[]) =>
      retrying(async () => {
        const client = await pool.connect();
        try {
          return await observed(runStatement<Row>(client, statement, values), statement, observe);
        } finally {
          client.release();
        }
      }),
    transaction(work, { synchronousCommit = true } = {}) {
      const begin = synchronousCommit ? ['BEGIN'] : ['BEGIN', 'SET LOCAL synchronous_commit = off'];
      return retrying(() => runTransaction(pool, begin, work, observe));
    },
    close: () => (closed ??= pool.end()),
  };
}
