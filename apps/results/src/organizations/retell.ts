import { createPeriodic, type Database, type Log, type Periodic } from '@schoolbell/service-kit';

/** Learners of one transaction. */
const PAGE = 500;
const LEFT_OVER_EVERY_MS = 5_000;

const countSummaries = { name: 'retell_count', text: 'SELECT count(*)::int AS learners FROM learner WHERE organization_id = $1 AND revision > 0' };
const begin = { name: 'retell_begin', text: `UPDATE organization SET retell_after = '' WHERE organization_id = $1 RETURNING organization_id` };
const next = {
  name: 'retell_next',
  text: `SELECT organization_id, retell_after FROM organization WHERE retell_after IS NOT NULL
         ORDER BY organization_id LIMIT 1 FOR UPDATE SKIP LOCKED`,
};
/** A revision that rises meanwhile has a row of its own. */
const queuePage = {
  name: 'retell_page',
  text: `WITH page AS MATERIALIZED (
           SELECT organization_id, learner_id, revision FROM learner
           WHERE organization_id = $1 AND learner_id > $2 AND revision > 0 ORDER BY learner_id LIMIT ${PAGE}),
         queued AS (INSERT INTO summary_queue (organization_id, learner_id, revision) SELECT * FROM page)
         SELECT count(*)::int AS count, max(learner_id) AS last FROM page`,
};
const advance = { name: 'retell_advance', text: 'UPDATE organization SET retell_after = $2 WHERE organization_id = $1' };

/** Tells the newest summaries of an organization again: what a new destination needs. */
export interface Retelling {
  /** Learners that have a summary. With `dryRun` nothing else happens; otherwise the wish is kept and survives a crash. */
  request(options: { organizationId: string; dryRun: boolean }): Promise<{ learners: number }>;
  /** Finds what a process that ended left over. */
  readonly job: Periodic;
}

export function createRetelling(deps: { db: Database; log: Log; wake: () => void }): Retelling {
  const { db, log, wake } = deps;
  const stopping = new AbortController();

  /** One page of one organization; false when nothing is left, or another replica is at it. */
  const tellPage = (): Promise<boolean> =>
    db.transaction(async (tx) => {
      const [wish] = await tx.query<{ organization_id: string; retell_after: string }>(next, []);
      if (wish === undefined) return false;
      const { organization_id: id, retell_after: after } = wish;
      const [page] = await tx.query<{ count: number; last: string | null }>(queuePage, [id, after]);
      const done = page === undefined || page.count < PAGE;
      await tx.query(advance, [id, done ? null : page.last]);
      tx.afterCommit(wake);
      return true;
    });

  async function tellAll(signal?: AbortSignal): Promise<void> {
    while (signal?.aborted !== true && (await tellPage())) continue;
  }

  let running: Promise<void> = Promise.resolve();
  const job = createPeriodic({ name: 'retell', everyMs: LEFT_OVER_EVERY_MS, log, run: tellAll });
  return {
    async request({ organizationId, dryRun }) {
      const [row] = await db.query<{ learners: number }>(countSummaries, [organizationId]);
      const learners = row?.learners ?? 0;
      if (dryRun || learners === 0) return { learners };
      await db.query(begin, [organizationId]);
      log.info({ organization: organizationId, learners }, 'summaries are told again on request');
      // Not awaited: whoever asks waits for an answer, not for a hundred thousand rows. The job ends what this cannot.
      running = running.then(() => tellAll(stopping.signal)).catch((err: unknown) => log.warn({ err }, 'telling summaries again goes on later'));
      return { learners };
    },
    job: {
      start: () => job.start(),
      async stop() {
        stopping.abort();
        await Promise.all([job.stop(), running]);
      },
    },
  };
}
