// Five refusals of one kind from one source within five minutes are one alert: a wrong secret, a clock that is off, a
// path that was mistyped. Refused requests come from anybody, so none of them costs a write of its own: they are
// counted in memory and written once a second. All replicas count into one table.
import type { Database, Tx } from '@schoolbell/service-kit';
import { formatInstant, type Clock } from '@schoolbell/time';
import type { AuthenticationRefusal } from '../sources/authenticate.ts';
import { NO_SOURCE, type Alarms, type Notice } from './alarms.ts';

export type RefusalKind = AuthenticationRefusal | 'unknown-source' | 'too-large' | 'media-type' | 'rate-limited';

export const REFUSALS_FOR_ALERT = 5;
export const REFUSAL_WINDOW_MS = 5 * 60_000;

/** What each kind means, for the person who reads the alert. */
const MEANING: Record<RefusalKind, string> = {
  'missing-header': 'A header of the authentication is missing.',
  'malformed-id': 'The header webhook-id is not 1 to 64 of A-Z a-z 0-9 _ -.',
  'malformed-timestamp': 'The header webhook-timestamp is not whole seconds since the epoch.',
  'timestamp-too-old': 'The signature is older than 5 minutes: a slow queue, or the clock of the sender is behind.',
  'timestamp-too-new': 'The signature is from the future: a clock, of the sender or ours, is wrong.',
  'malformed-signature': 'The signature is not written as the scheme says.',
  'no-matching-signature': 'No active secret made this signature: another secret, or the body was changed on its way.',
  'malformed-credentials': 'The header authorization is not written as the scheme says.',
  'wrong-credentials': 'The credentials are not those of the configuration.',
  'unknown-source': 'The path names a source that is not configured.',
  'too-large': 'The body is larger than 256 KiB.',
  'media-type': 'The content type is not application/json, or the body is encoded.',
  'rate-limited': 'The source sends faster than its ratePerSecond.',
};

const lock = { name: 'ingest_refusal_lock', text: `SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ':refusals', 0))::text` };
const insert = {
  name: 'ingest_refusal_insert',
  text: `INSERT INTO refusal (source, kind, at) SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[])`,
};
const forget = { name: 'ingest_refusal_forget', text: 'DELETE FROM refusal WHERE at < $1::timestamptz' };
const count = {
  name: 'ingest_refusal_count',
  text: `
    SELECT source, kind, count(*)::int AS times FROM refusal
     WHERE (source, kind) IN (SELECT * FROM unnest($1::text[], $2::text[])) AND at >= $3::timestamptz
     GROUP BY source, kind HAVING count(*) >= ${REFUSALS_FOR_ALERT}`,
};

interface Tally {
  readonly source: string;
  readonly kind: RefusalKind;
  /** The newest instants, no more than an alert needs. */
  instantsMs: number[];
  times: number;
}

export interface Refusals {
  /** Cheap; never writes. NO_SOURCE counts requests for sources that do not exist. */
  record(source: string, kind: RefusalKind): void;
  /** Writes what was recorded and raises what is due. After a failure it is kept for the next call. */
  flush(): Promise<void>;
}

export function createRefusals(deps: { db: Database; alarms: Alarms; clock: Clock }): Refusals {
  let tallies = new Map<string, Tally>();

  const record = (source: string, kind: RefusalKind, nowMs: number, times: number): void => {
    const key = `${source} ${kind}`;
    let tally = tallies.get(key);
    if (tally === undefined) tallies.set(key, (tally = { source, kind, instantsMs: [], times: 0 }));
    tally.times += times;
    if (tally.instantsMs.push(nowMs) > REFUSALS_FOR_ALERT) tally.instantsMs.shift();
  };

  return {
    record: (source, kind) => record(source, kind, deps.clock.now(), 1),
    async flush() {
      if (tallies.size === 0) return;
      const taken = [...tallies.values()];
      tallies = new Map();
      try {
        await deps.db.transaction((tx) => write(tx, deps.alarms, taken, deps.clock.now()));
      } catch (error) {
        for (const { source, kind, instantsMs, times } of taken) {
          for (const [index, atMs] of instantsMs.entries()) record(source, kind, atMs, index === 0 ? times : 0);
        }
        throw error;
      }
    },
  };
}

async function write(tx: Tx, alarms: Alarms, tallies: readonly Tally[], nowMs: number): Promise<void> {
  const rows = tallies.flatMap(({ source, kind, instantsMs }) => instantsMs.map((atMs) => ({ source, kind, at: formatInstant(atMs) })));
  // Without the lock two replicas with three refusals each would both see three.
  await tx.query(lock, []);
  await tx.query(insert, [rows.map(({ source }) => source), rows.map(({ kind }) => kind), rows.map(({ at }) => at)]);
  const since = formatInstant(nowMs - REFUSAL_WINDOW_MS);
  await tx.query(forget, [since]);
  const due = await tx.query<{ source: string; kind: RefusalKind; times: number }>(count, [
    tallies.map(({ source }) => source),
    tallies.map(({ kind }) => kind),
    since,
  ]);
  await alarms.notice(tx, due.map((row) => toNotice(row.source, row.kind, timesOf(tallies, row))), nowMs);
}

function timesOf(tallies: readonly Tally[], { source, kind, times }: { source: string; kind: RefusalKind; times: number }): number {
  return Math.max(tallies.find((tally) => tally.source === source && tally.kind === kind)?.times ?? 0, times);
}

function toNotice(source: string, kind: RefusalKind, times: number): Notice {
  const title = source === NO_SOURCE ? 'Webhooks for unknown sources are refused' : `Webhooks of ${source} are refused (${kind})`;
  return { kind: 'webhook-refused', source, aspect: kind, title, detail: `${MEANING[kind]} Nothing of it was stored.`, times, labels: { refusal: kind } };
}
