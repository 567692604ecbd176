import { bigintArray, instantArray, integerArray, textArray, type Database, type Log, type Metrics } from '@schoolbell/service-kit';
import { Counter } from 'prom-client';
import type { Attempted } from '../dispatch/delivery.ts';

/** Rows of one statement. */
const BATCH_MAX = 500;
/** What may wait while the database is slow or away; beyond it entries are dropped and counted. */
const WAITING_MAX = 10_000;
/** Entries are gathered for so long: nobody waits for them. */
const GATHER_MS = 250;

const insert = {
  name: 'attempt_insert',
  text: `INSERT INTO attempt (day, at, destination_id, kind, key, revision, webhook_id, outcome, status, duration_ms, detail, answer)
         SELECT (at AT TIME ZONE 'UTC')::date, * FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::bigint[],
           $6::text[], $7::text[], $8::int[], $9::int[], $10::text[], $11::text[])
           AS a (at, destination_id, kind, key, revision, webhook_id, outcome, status, duration_ms, detail, answer)`,
};

/** The log of requests for people. It is beside the path of a message: its failure is counted, and changes nothing. */
export interface AttemptLog {
  add(attempted: Attempted): void;
  /** Writes what waits, as far as that is possible. */
  stop(): Promise<void>;
}

export function createAttemptLog(deps: { db: Database; log: Log; metrics: Metrics }): AttemptLog {
  const { db, log } = deps;
  const lost = new Counter({
    name: 'delivery_attempt_log_lost_total',
    help: 'Requests that are missing in the attempt log.',
    registers: [deps.metrics.registry],
  });
  let waiting: Row[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;

  async function write(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, BATCH_MAX);
      try {
        // Losing the last entries in a crash of the database server is no loss of a message.
        await db.transaction((tx) => tx.query(insert, columns(batch)), { synchronousCommit: false });
      } catch (error) {
        lost.inc(batch.length);
        log.warn({ err: error, entries: batch.length }, 'attempts could not be logged');
      }
    }
  }

  const flush = (): Promise<void> => (writing ??= write().finally(() => (writing = undefined)));

  return {
    add(attempted) {
      if (waiting.length >= WAITING_MAX) return lost.inc();
      waiting.push(rowOf(attempted));
      timer ??= setTimeout(() => {
        timer = undefined;
        void flush();
      }, GATHER_MS);
    },
    async stop() {
      clearTimeout(timer);
      await writing;
      await flush();
      waiting = [];
    },
  };
}

/** What is written of an attempt, and no more: whole messages held for the gathering would outlive the young generation. */
type Row = ReturnType<typeof rowOf>;

const rowOf = ({ job, webhookId, at, outcome, exchange }: Attempted) => ({
  at,
  destinationId: job.destinationId,
  kind: job.kind,
  key: job.key,
  revision: job.revision,
  webhookId,
  outcome,
  status: exchange.kind === 'not-sent' ? null : (exchange.status ?? null),
  durationMs: exchange.durationMs,
  detail: detailOf(exchange),
  answer: exchange.kind === 'answered' ? exchange.answer : '',
});

const columns = (batch: readonly Row[]): readonly unknown[] => [
  instantArray(batch.map(({ at }) => at)),
  textArray(batch.map(({ destinationId }) => destinationId)),
  textArray(batch.map(({ kind }) => kind)),
  textArray(batch.map(({ key }) => key)),
  bigintArray(batch.map(({ revision }) => revision)),
  textArray(batch.map(({ webhookId }) => webhookId)),
  textArray(batch.map(({ outcome }) => outcome)),
  integerArray(batch.map(({ status }) => status)),
  integerArray(batch.map(({ durationMs }) => durationMs)),
  textArray(batch.map(({ detail }) => detail)),
  textArray(batch.map(({ answer }) => answer)),
];

function detailOf(exchange: Attempted['exchange']): string {
  if (exchange.kind === 'answered') return '';
  return exchange.kind === 'failed' ? `${exchange.failure}: ${exchange.detail}` : exchange.detail;
}
