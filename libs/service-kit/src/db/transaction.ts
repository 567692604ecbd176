import type pg from 'pg';
import { endPipeline, runPipelined } from './pipeline.ts';
import { runInTransaction, type Statement } from './statement.ts';

declare const txBrand: unique symbol;

/**
 * An open transaction. It exists only inside `Database.transaction`, so a function that takes one cannot be called
 * without atomicity. Statements that are not awaited one by one travel together.
 */
export interface Tx {
  readonly [txBrand]: true;
  query<Row>(statement: Statement, values: readonly unknown[]): Promise<Row[]>;
  /**
   * Run a statement whose rows the work does not need, without waiting for it: the last ones of a transaction travel
   * with its COMMIT, which saves a round trip. If one fails the transaction is rolled back and fails with that error.
   * `answered` gets the rows, before whatever runs after the commit. Must not throw.
   */
  send<Row>(statement: Statement, values: readonly unknown[], answered?: (rows: Row[]) => void): void;
  /**
   * Run something once this transaction is committed, and never for a run that was rolled back: what the effect
   * starts outside the database. Must not throw.
   */
  afterCommit(callback: () => void): void;
}

/** The transaction was asked to commit and the server rolled it back: an error inside it was swallowed. */
export class RolledBackError extends Error {
  readonly code = 'transaction-rolled-back';
  constructor() {
    super('the transaction was rolled back instead of committed: an error inside it was not rethrown');
  }
}

export type Observe = (statement: string, seconds: number) => void;

/** `BEGIN` and what else is to come before it, the work, `COMMIT`; on an error `ROLLBACK`. */
export async function runTransaction<T>(
  pool: pg.Pool,
  begin: readonly string[],
  work: (tx: Tx) => Promise<T>,
  observe: Observe,
): Promise<T> {
  const client = await pool.connect();
  let open = true;
  let lost: Error | undefined;
  const committed: (() => void)[] = [];
  const sent: Promise<unknown>[] = [];
  let failed: { readonly error: unknown } | undefined;
  const tx = {
    query<Row>(statement: Statement, values: readonly unknown[]): Promise<Row[]> {
      if (!open) return Promise.reject(new Error(`statement ${statement.name} after the end of its transaction`));
      const running = observed(runInTransaction<Row>(client, statement, values), statement, observe);
      running.catch((error: unknown) => (failed ??= { error }));
      return running;
    },
    send<Row>(statement: Statement, values: readonly unknown[], answered?: (rows: Row[]) => void): void {
      const running = tx.query<Row>(statement, values).then(answered);
      // Awaited before the commit; until then its failure must not count as unhandled.
      running.catch(() => undefined);
      sent.push(running);
    },
    afterCommit(callback: () => void) {
      committed.push(callback);
    },
  } as Tx;
  // Not awaited here: it is on the wire together with the first statement. Its failure is seen before the commit.
  const begun = Promise.all(begin.map((text) => control(client, text)));
  let notBegun: typeof failed;
  begun.catch((error: unknown) => (notBegun = { error }));
  try {
    const result = await work(tx);
    open = false;
    // After a failure the server skips it or takes it for a ROLLBACK, so it need not wait for what was sent before it.
    const end = control(client, 'COMMIT');
    end.catch(() => undefined);
    await begun;
    await Promise.all(sent);
    const { command } = await end;
    if (command !== 'COMMIT') throw new RolledBackError();
    for (const callback of committed) callback();
    return result;
  } catch (error) {
    open = false;
    endPipeline(client);
    await client.query('ROLLBACK').catch((failure: Error) => (lost = failure));
    // A lost connection tells its reason to what was asked first, which is the beginning.
    const first = notBegun ?? failed;
    throw first !== undefined && followsFailure(error) ? first.error : error;
  } finally {
    client.release(lost);
  }
}

/** in_failed_sql_transaction: what is asked after a failure only says that there was one, and must not hide which. */
const followsFailure = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === '25P02';

/** Begins or ends the transaction, together with the statements around it. */
const control = (client: pg.ClientBase, text: string): Promise<pg.QueryResult> =>
  new Promise((resolve, reject) => {
    runPipelined(client, { name: text, text }, (error, result) => (error ? reject(error) : resolve(result)));
  });

/** Report how long a statement took, also when it failed. */
export async function observed<Row>(running: Promise<Row[]>, statement: Statement, observe: Observe): Promise<Row[]> {
  const startedMs = performance.now();
  try {
    return await running;
  } finally {
    observe(statement.name, (performance.now() - startedMs) / 1000);
  }
}
