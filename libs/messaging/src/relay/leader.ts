import pg from 'pg';
import { endWhenUnanswered, planOptions, type Log, type Statement } from '@schoolbell/service-kit';
import { waitMs } from '@schoolbell/time';
import type { LedgerSession } from './ledger.ts';

const CONNECT_TIMEOUT_MS = 2_000;
const STATEMENT_TIMEOUT_MS = 10_000;
/** A server that hangs cannot end a statement itself. */
const SILENCE_MS = STATEMENT_TIMEOUT_MS + 2_000;
/** How often a follower asks whether the leader is gone, and how long it waits after an error. */
const CANDIDATE_WAIT_MS = 500;

/**
 * Every statement of a leader goes by key. A plan that was made while the day's partition was still empty reads all of
 * it instead, for every round until the table is analysed for the first time: 7 ms for 37 marks instead of 0.6.
 */
const PLANS = planOptions('by-entry');

/** A leader's session, and the end of it: `lost` fires when the connection breaks, and with it the lock. */
export interface Leadership extends LedgerSession {
  readonly lost: AbortSignal;
  /** Called for each notification on the channel. */
  onNotify(listener: () => void): void;
  release(): Promise<void>;
}

/**
 * Wait until this process is the one leader of the schema for `name`: a session advisory lock on a connection of its
 * own. What the leader writes goes through that same connection, so that a leader who lost the lock cannot write.
 * Resolves with undefined when the signal fires first.
 */
export async function becomeLeader(options: {
  url: string;
  schema: string;
  name: string;
  /** NOTIFY channel on which followers wake the leader. */
  channel: string;
  log: Log;
  signal: AbortSignal;
  /** How long the server may owe an answer before the lead counts as lost. */
  silenceMs?: number;
}): Promise<Leadership | undefined> {
  const { url, schema, name, channel, log, signal, silenceMs = SILENCE_MS } = options;
  while (!signal.aborted) {
    const client = new pg.Client({
      connectionString: url,
      application_name: `${schema} ${name}`,
      options: `-c search_path=${schema} -c synchronous_commit=off ${PLANS}`,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      keepAlive: true,
      pipeline: true,
    });
    const lost = new AbortController();
    client.on('error', () => lost.abort());
    client.on('end', () => lost.abort());
    try {
      await client.connect();
      endWhenUnanswered(client, silenceMs);
      while (!signal.aborted && !lost.signal.aborted) {
        const { rows } = await client.query<{ leader: boolean }>('SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS leader', [`${schema}:${name}`]);
        if (rows[0]?.leader === true) {
          await client.query(`LISTEN ${channel}`);
          return leadership(client, lost.signal);
        }
        await waitMs(CANDIDATE_WAIT_MS, signal);
      }
    } catch (error) {
      log.debug({ err: error }, 'cannot ask for the lead');
    }
    await client.end().catch(() => undefined);
    await waitMs(CANDIDATE_WAIT_MS, signal);
  }
  return undefined;
}

function leadership(client: pg.Client, lost: AbortSignal): Leadership {
  return {
    lost,
    async query<Row>(statement: Statement, values: readonly unknown[]) {
      const result = await client.query({ name: statement.name, text: statement.text, values: [...values] });
      return result.rows as Row[];
    },
    onNotify: (listener) => void client.on('notification', listener),
    // The end of the session releases the lock.
    release: () => client.end().catch(() => undefined),
  };
}
