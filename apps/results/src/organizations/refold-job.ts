import { createPeriodic, integerArray, textArray, type Database, type Log, type Periodic } from '@schoolbell/service-kit';
import { waitMs } from '@schoolbell/time';
import type { Fold } from '../fold/fold.ts';
import type { LearnerKey } from '../fold/keys.ts';
import { tryVersionsAlone } from '../fold/statements.ts';

/** Learners of one transaction: small, so that webhooks never wait long for their lock. */
const BATCH = 100;
/** Between two batches: webhooks come first. */
const PAUSE_MS = 10;
const IDLE_EVERY_MS = 2_000;

const anyChanged = {
  name: 'refold_any',
  text: 'SELECT EXISTS (SELECT 1 FROM organization WHERE version > 1 AND refolded < version) AS any',
};
/** One replica at a time: two would decide the same learners twice. */
const takeTurn = { name: 'refold_turn', text: `SELECT pg_try_advisory_xact_lock(hashtextextended('results:refold', 0)) AS mine` };
/** After the last key, so that a run reads every learner once. */
const staleLearners = {
  name: 'refold_stale',
  text: `SELECT l.organization_id AS "organizationId", l.learner_id AS "learnerId"
         FROM learner l JOIN organization o USING (organization_id)
         WHERE (l.organization_id, l.learner_id) > ($1, $2) AND l.version <> o.version AND o.refolded < o.version
         ORDER BY l.organization_id, l.learner_id LIMIT ${BATCH}`,
};
/** What a fold wrote under an older version meanwhile keeps its organization open for the next run. */
const settled = {
  name: 'refold_settled',
  text: `UPDATE organization o SET refolded = o.version
         FROM unnest($1::text[], $2::int[]) AS open (organization_id, version)
         WHERE o.organization_id = open.organization_id AND o.version = open.version AND o.refolded < o.version
         AND NOT EXISTS (SELECT 1 FROM learner l WHERE l.organization_id = o.organization_id AND l.version <> o.version)`,
};
const openVersions = { name: 'refold_open', text: 'SELECT organization_id AS "organizationId", version FROM organization WHERE refolded < version' };

const BEGINNING: LearnerKey = { organizationId: '', learnerId: '' };

/** Decides learners anew whose organization changed its policy or its bounds, a few at a time, under the fold's locks. */
export function createRefoldJob(deps: { db: Database; fold: Fold; log: Log; wake: () => void }): Periodic {
  const { db, fold, log, wake } = deps;

  /** The keys that were decided; undefined when it is another replica's turn. */
  const refoldBatch = (after: LearnerKey): Promise<LearnerKey[] | undefined> =>
    db.transaction(async (tx) => {
      const [turn] = await tx.query<{ mine: boolean }>(takeTurn, []);
      if (turn?.mine !== true) return undefined;
      const keys = await tx.query<LearnerKey>(staleLearners, [after.organizationId, after.learnerId]);
      if (keys.length > 0) await fold.refold(tx, keys);
      tx.afterCommit(wake);
      return keys;
    });

  /**
   * Not while a fold inserts learners, who are not seen yet: then the next run does it. The lock is a barrier and held for a
   * moment only: whoever inserted before it is seen afterwards, and whoever comes after it inserts under the open version.
   */
  async function closeVersions(): Promise<void> {
    const open = await db.query<{ organizationId: string; version: number }>(openVersions, []);
    const passed = await db.transaction(async (tx) => (await tx.query<{ alone: boolean }>(tryVersionsAlone, []))[0]?.alone === true);
    if (passed) await db.query(settled, [textArray(open.map(({ organizationId }) => organizationId)), integerArray(open.map(({ version }) => version))]);
  }

  return createPeriodic({
    name: 'refold',
    everyMs: IDLE_EVERY_MS,
    log,
    async run(signal) {
      const [row] = await db.query<{ any: boolean }>(anyChanged, []);
      if (row?.any !== true) return;
      let refolded = 0;
      let after = BEGINNING;
      while (!signal.aborted) {
        const keys = await refoldBatch(after);
        const last = keys?.at(-1);
        if (keys === undefined || last === undefined) break;
        after = last;
        refolded += keys.length;
        await waitMs(PAUSE_MS, signal);
      }
      if (!signal.aborted) await closeVersions();
      if (refolded > 0) log.info({ learners: refolded }, 'learners were decided anew');
    },
  });
}
