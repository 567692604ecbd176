import type { ClientBase, QueryResult, QueryResultRow } from 'pg';
import { endPipeline, runPipelined } from './pipeline.ts';

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
 * Run a statement on a connection, with a Sync of its own: outside a transaction that commits it. The error is the
 * driver's own, with the statement's name as `error.statement`: look at it with `classifyDatabaseError`.
 */
export const runStatement = <Row>(client: ClientBase, statement: Statement, values: readonly unknown[]): Promise<Row[]> =>
  run(statement, values, (config, callback) => void client.query(config, callback));

/** The same inside an open transaction: statements that are written in one turn travel together. */
export function runInTransaction<Row>(client: ClientBase, statement: Statement, values: readonly unknown[]): Promise<Row[]> {
  if (statement.prepared !== false) return run(statement, values, (config, callback) => runPipelined(client, config, callback));
  endPipeline(client);
  return runStatement(client, statement, values);
}

type Send = (config: { name?: string; text: string; values: unknown[] }, callback: (error: Error | null, result: QueryResult<QueryResultRow>) => void) => void;

// With a callback the driver makes no promise of its own: one promise per statement instead of three.
function run<Row>({ name, text, prepared }: Statement, values: readonly unknown[], send: Send): Promise<Row[]> {
  return new Promise((resolve, reject) => {
    send({ ...(prepared !== false && { name }), text, values: values as unknown[] }, (error, result) => {
      if (error) reject(Object.assign(error, { statement: name }));
      else resolve(result.rows as Row[]);
    });
  });
}
