// Statements of a transaction that are written in one turn of the loop leave in one system call and end with one Sync.
// The driver ends each of them with its own, and the server answers, with a system call and a wake-up, at every Sync.
// Source: PostgreSQL, "Extended Query", "Pipelining".
import type { EventEmitter } from 'node:events';
import type { Writable } from 'node:stream';
import pg, { type ClientBase, type QueryConfig, type QueryResult } from 'pg';

type Callback = (error: Error | null, result: QueryResult) => void;

/** What this needs to know of the driver's insides. Source: pg 8, lib/connection.js and lib/query.js. */
interface Wire extends EventEmitter {
  readonly stream: Writable;
  execute(portal: { portal: string }): void;
  sync(): void;
}
interface DriverQuery extends EventEmitter {
  submit(wire: Wire): Error | null;
  handleCommandComplete(message: unknown, wire: Wire): void;
  handleError(error: Error, wire: Wire): void;
}
const DriverQuery = pg.Query as unknown as new (config: QueryConfig, callback: Callback) => DriverQuery;

/** To the driver a statement is over when the server is ready for the next one, and this is the event that says so. */
const OVER = ['readyForQuery', { status: 'T' }] as const;
const pipelines = new WeakMap<ClientBase, Pipeline>();

/**
 * Runs a statement inside an open transaction, in the pipeline of this turn. Not for a statement that commits by itself:
 * the server does that at the Sync, after it has answered the statement.
 */
export function runPipelined(client: ClientBase, config: QueryConfig, callback: Callback): void {
  let pipeline = pipelines.get(client);
  if (pipeline === undefined) {
    pipeline = new Pipeline(client);
    pipelines.set(client, pipeline);
    process.nextTick(endPipeline, client);
  }
  const statement = new PipelinedStatement(config, callback, pipeline);
  pipeline.statements.push(statement);
  submit(client, statement);
}

/** Whoever sends something of its own to the connection calls this first; without a pipeline it does nothing. */
export function endPipeline(client: ClientBase): void {
  const pipeline = pipelines.get(client);
  if (pipeline === undefined) return;
  pipelines.delete(client);
  submit(client, new SyncPoint({ text: '' }, () => undefined));
  pipeline.stream.uncork();
}

const submit = (client: ClientBase, query: DriverQuery): void => void client.query(query as unknown as pg.Query);

class Pipeline {
  readonly statements: PipelinedStatement[] = [];
  readonly stream: Writable;
  failed = false;

  constructor(client: ClientBase) {
    ({ stream: this.stream } = (client as unknown as { connection: Wire }).connection);
    // The driver corks the same stream around the messages of a statement; corks are counted.
    this.stream.cork();
  }

  /** After an error the server skips everything up to the Sync, in silence. */
  skipAfter(statement: PipelinedStatement, wire: Wire): void {
    if (this.failed) return;
    this.failed = true;
    for (const _ of this.statements.slice(this.statements.indexOf(statement) + 1)) {
      wire.emit(...OVER);
      wire.emit('errorMessage', skipped());
    }
    wire.emit(...OVER);
  }
}

class PipelinedStatement extends DriverQuery {
  readonly #pipeline: Pipeline;

  constructor(config: QueryConfig, callback: Callback, pipeline: Pipeline) {
    super(config, callback);
    this.#pipeline = pipeline;
  }

  /** What the driver writes last: without its Sync. */
  _getRows(wire: Wire): void {
    wire.execute({ portal: '' });
  }

  override handleCommandComplete(message: unknown, wire: Wire): void {
    super.handleCommandComplete(message, wire);
    wire.emit(...OVER);
  }

  override handleError(error: Error, wire: Wire): void {
    super.handleError(error, wire);
    if (error instanceof pg.DatabaseError) this.#pipeline.skipAfter(this, wire);
  }
}

/** Ends a pipeline; the server is ready again when it is answered. */
class SyncPoint extends DriverQuery {
  override submit(wire: Wire): null {
    wire.sync();
    return null;
  }
}

/** What the server says of a statement that it did not skip in silence: in_failed_sql_transaction. */
function skipped(): pg.DatabaseError {
  const error = new pg.DatabaseError('skipped, because a statement of its transaction failed before it', 0, 'error');
  error.code = '25P02';
  return error;
}
