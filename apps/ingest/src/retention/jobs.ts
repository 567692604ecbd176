// What is kept, and until when. One replica does it; which one does not matter.
import type { Database } from '@schoolbell/service-kit';
import { formatInstant, type Clock } from '@schoolbell/time';

/**
 * How long an accepted webhook is known again. The promise is 14 days; consumers republish from streams and outboxes
 * of 14 days after a loss, and a sender may come back from its own outage with old events.
 */
export const ACCEPTED_KEEP_MS = 21 * 86_400_000;
const ACCEPTED_EVERY_MS = 24 * 3_600_000;
const QUARANTINE_EVERY_MS = 3_600_000;
/** Heap pages that one statement looks through: 8 MiB, some 100,000 rows. */
const PAGES_PER_STEP = 1024;
/** Quarantined rows carry bodies: few at a time. */
const QUARANTINE_STEP_ROWS = 500;

const claim = {
  name: 'ingest_job_claim',
  text: `INSERT INTO job_run AS last (job, ran_at) VALUES ($1, $2::timestamptz)
         ON CONFLICT (job) DO UPDATE SET ran_at = excluded.ran_at WHERE last.ran_at <= $3::timestamptz
         RETURNING job`,
};
const pages = { name: 'ingest_accepted_pages', text: `SELECT (pg_relation_size('accepted_webhook') / 8192)::int AS pages` };
// A range of tuple ids is read without an index, each page once. An index on the time would cost every insert.
const forgetAccepted = {
  name: 'ingest_accepted_forget',
  text: `DELETE FROM accepted_webhook WHERE ctid >= format('(%s,0)', $1::bigint)::tid AND ctid < format('(%s,0)', $2::bigint)::tid
            AND received_at < $3::timestamptz`,
};
const forgetQuarantine = {
  name: 'ingest_quarantine_forget',
  text: `DELETE FROM quarantine WHERE id IN (SELECT id FROM quarantine WHERE expires_at < $1::timestamptz LIMIT ${QUARANTINE_STEP_ROWS})
         RETURNING id`,
};
const supersede = {
  name: 'ingest_quarantine_supersede',
  text: `UPDATE quarantine q SET state = 'superseded', closed_at = $1::timestamptz
          WHERE state = 'open' AND EXISTS (SELECT 1 FROM accepted_webhook a WHERE a.source = q.source AND a.webhook_id = q.webhook_id)`,
};

export interface Retention {
  /** Does what is due. Call it often; it looks at a clock that the replicas share. */
  run(signal: AbortSignal): Promise<void>;
  /** Closes quarantined bodies whose correction was accepted. */
  supersede(): Promise<void>;
}

export function createRetention(deps: { db: Database; clock: Clock }): Retention {
  const { db, clock } = deps;

  const due = async (job: string, everyMs: number): Promise<boolean> => {
    const nowMs = clock.now();
    return (await db.query(claim, [job, formatInstant(nowMs), formatInstant(nowMs - everyMs)])).length > 0;
  };

  async function accepted(signal: AbortSignal): Promise<void> {
    const before = formatInstant(clock.now() - ACCEPTED_KEEP_MS);
    const [size] = await db.query<{ pages: number }>(pages, []);
    for (let page = 0; page < (size?.pages ?? 0) && !signal.aborted; page += PAGES_PER_STEP) {
      await db.query(forgetAccepted, [page, page + PAGES_PER_STEP, before]);
    }
  }

  async function quarantine(signal: AbortSignal): Promise<void> {
    const before = formatInstant(clock.now());
    while (!signal.aborted) {
      if ((await db.query(forgetQuarantine, [before])).length < QUARANTINE_STEP_ROWS) return;
    }
  }

  return {
    async run(signal) {
      if (await due('forget-quarantine', QUARANTINE_EVERY_MS)) await quarantine(signal);
      if (await due('forget-accepted', ACCEPTED_EVERY_MS)) await accepted(signal);
    },
    async supersede() {
      await db.query(supersede, [formatInstant(clock.now())]);
    },
  };
}
