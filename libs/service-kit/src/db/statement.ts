import type { Writable } from 'node:stream';
import type { ClientBase, QueryResult, QueryResultRow } from 'pg';

/**
 * SQL with a name. Postgres parses and plans a named statement once per connection, so the name must be unique to the
 * text within a service, and is at most 63 bytes long. The name also labels the duration metric.
 */
export interface Statement {
  readonly name: string;
  readonly text: string;
  /** `false`: the text differs from call to call, as DDL does. It is parsed each time; the name is for the metric. */
  readonly prepared?: false;
}

/**
 * What is written to the connection in this turn of the loop leaves it in one system call. The driver alone makes one
 * of each statement, and the server wakes for each: for a fold, fourteen of its sixteen.
 */
export function gatherWrites(client: ClientBase): void {
  // The driver corks the same stream around the messages of a statement; corks are counted.
  const { stream } = (client as unknown as { connection: { stream: Writable } }).connection;
  if (stream.writableCorked > 0) return;
  stream.cork();
  process.nextTick(() => stream.uncork());
}

/**
 * Run a prepared statement on a connection. The error is the driver's own, with the statement's name as
 * `error.statement`: look at it with `classifyDatabaseError`.
 */
export function runStatement<Row>(client: ClientBase, statement: Statement, values: readonly unknown[]): Promise<Row[]> {
  // With a callback the driver makes no promise of its own: one promise per statement instead of three.
  return new Promise((resolve, reject) => {
    gatherWrites(client);
    client.query(
      { ...(statement.prepared !== false && { name: statement.name }), text: statement.text, values: values as unknown[] },
      (error: Error | null, result: QueryResult<QueryResultRow>) => {
        if (error) reject(Object.assign(error, { statement: statement.name }));
        else resolve(result.rows as Row[]);
      },
    );
  });
}
