import pg from 'pg';
import type { Log } from '../log.ts';
import { endWhenUnanswered } from './answer-timeout.ts';

/** Connections per process unless the service says otherwise. */
const MAX_CONNECTIONS = 10;
/** Waiting for a free or a new connection. Without it a full pool waits for ever. */
const CONNECT_TIMEOUT_MS = 2000;
/** The server cancels a statement after this. */
const STATEMENT_TIMEOUT_MS = 10_000;
/** The client gives up a little later: a server that hangs cannot cancel anything. */
const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 2000;
const LOCK_TIMEOUT_MS = 8000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000;
const IDLE_CONNECTION_MS = 10_000;
export type Plans = 'once' | 'by-key' | 'by-entry';

/**
 * A plan is made once per connection. Left to itself, the server planned statements over short arrays anew at every
 * call, which cost as much as running them. It is made while a table may still be small, and kept until it is analysed: up to a
 * minute in which a statement would read all of a table that grows (ADR 0015).
 */
const ONCE = { plan_cache_mode: 'force_generic_plan', enable_seqscan: 'off' };
/** Nor is anything joined by reading one side of it as a whole. */
const BY_KEY = { ...ONCE, enable_hashjoin: 'off', enable_mergejoin: 'off', enable_material: 'off' };
/**
 * Whoever walks an index marks the entries of dead rows, and the next one passes them over. A bitmap of it marks nothing:
 * each visits them all, until the table is vacuumed. The live leases of a destination took 1.1 ms instead of 0.5.
 */
const BY_ENTRY = { ...BY_KEY, enable_bitmapscan: 'off' };
const SETTINGS: Readonly<Record<Plans, Readonly<Record<string, string>>>> = { once: ONCE, 'by-key': BY_KEY, 'by-entry': BY_ENTRY };

/** Options of a connection whose statements are like that: see `PoolOptions.plans`. */
export const planOptions = (plans: Plans): string => Object.entries(SETTINGS[plans]).map(([name, value]) => `-c ${name}=${value}`).join(' ');

export interface PoolOptions {
  /** `postgresql://role:password@host:port/database`. */
  readonly url: string;
  /** The service's schema, which becomes the whole search path. */
  readonly schema: string;
  readonly maxConnections?: number;
  /**
   * What the statements are like. `once`: the best plan is the same whatever the parameters are, and reads no table from end
   * to end; what a batch brings along may be joined by hashing. `by-key`: joins look up by key, too. `by-entry`: so they do, in tables whose
   * rows come and go, and none reads a long range of an index. Default: the server decides.
   */
  readonly plans?: Plans;
  readonly log: Log;
}

/** The one pool of a service. A lost connection is logged and replaced, never a crash. */
export function createPool({ url, schema, maxConnections = MAX_CONNECTIONS, plans, log }: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: `schoolbell-${schema}`,
    // JIT compiles for tens of milliseconds what runs in one: never worth it for short statements.
    options: [`-c search_path=${schema} -c jit=off`, ...(plans === undefined ? [] : [planOptions(plans)])].join(' '),
    max: maxConnections,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_CONNECTION_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    keepAlive: true,
    // Statements are written without waiting for the answer before: BEGIN costs no round trip of its own.
    pipeline: true,
  });
  const lost = (err: Error): void => log.warn({ err, schema }, 'database connection lost');
  pool.on('error', lost);
  // The pool listens only while a connection is idle; one that is lost in use would otherwise end the process.
  pool.on('connect', (client) => {
    client.on('error', lost);
    endWhenUnanswered(client, ANSWER_TIMEOUT_MS);
  });
  return pool;
}
