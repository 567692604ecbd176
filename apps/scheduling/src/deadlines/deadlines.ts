import { classifyDatabaseError, createPeriodic, type Database, type Log, type Metrics, type Periodic } from '@schoolbell/service-kit';
import { Counter, Gauge, Histogram } from 'prom-client';
import { forgetKeys } from '../api/idempotency.ts';
import { countAwaiting } from '../lessons/awaiting.ts';
import { refreshPackage } from '../packages/open.ts';
import type { PerformDeps } from '../store/perform.ts';
import { createCarryOut } from './carry-out.ts';

/** The clockwork: carries out what is due, and looks over everything that awaits. */

/** A deadline fires within a second of its time when nothing else is going on. */
const POLL_EVERY_MS = 300;
const SWEEP_EVERY_MS = 60_000;
const HOUSEKEEPING_EVERY_MS = 3_600_000;
const COUNT_EVERY_MS = 15_000;
/** A lesson whose action is later than this is counted as overdue: nobody carries it out. */
export const OVERDUE_AFTER_MS = 60_000;

const awaitingPackages = {
  name: 'scheduling_awaiting_packages',
  text: `SELECT DISTINCT package_id AS "packageId" FROM lesson WHERE status IN ('offered', 'awaiting', 'lapsed')
          AND package_id > $1::uuid ORDER BY package_id LIMIT 500`,
};
const FIRST_UUID = '00000000-0000-0000-0000-000000000000';

export interface DeadlinesDeps extends PerformDeps {
  readonly db: Database;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly pollEveryMs?: number;
}

/** Every awaiting lesson's next action anew. The rows should say the same already; a changed contract may not have got here. */
export async function sweep(deps: PerformDeps & { readonly log: Log }, signal?: AbortSignal): Promise<void> {
  let after = FIRST_UUID;
  for (;;) {
    const page = await deps.db.query<{ packageId: string }>(awaitingPackages, [after]);
    for (const { packageId } of page) {
      if (signal?.aborted === true) return;
      await refresh(deps, packageId);
      after = packageId;
    }
    if (page.length === 0) return;
  }
}

/** A package that fails for a reason of its own holds up no other. */
async function refresh({ log, ...deps }: PerformDeps & { readonly log: Log }, packageId: string): Promise<void> {
  try {
    await deps.db.transaction((tx) => refreshPackage(tx, deps, packageId));
  } catch (error) {
    if (classifyDatabaseError(error) === 'unavailable') throw error;
    log.error({ err: error, packageId }, 'the next actions of a package cannot be looked over');
  }
}

export function createDeadlines(deps: DeadlinesDeps): Periodic {
  const { db, clock, log, metrics, pollEveryMs = POLL_EVERY_MS } = deps;
  const registers = [metrics.registry];
  const carried = new Counter({ name: 'scheduling_deadlines_total', help: 'Lessons whose next action was carried out.', registers });
  const failed = new Counter({ name: 'scheduling_deadlines_failed_total', help: 'Times that a package was set aside because its deadlines could not be carried out.', registers });
  const late = new Histogram({
    name: 'scheduling_deadline_late_seconds', help: 'How late the oldest action of a batch was.', registers, buckets: [0.1, 0.5, 1, 2, 5, 10, 60, 600],
  });
  const awaiting = new Gauge({ name: 'scheduling_awaiting_lessons', help: 'Lessons that await a new time.', labelNames: ['status'], registers });
  const overdue = new Gauge({ name: 'scheduling_overdue_lessons', help: 'Awaiting lessons whose next action was not carried out in time.', registers });

  async function countThem(): Promise<void> {
    const rows = await countAwaiting(db, clock.now() - OVERDUE_AFTER_MS);
    awaiting.reset();
    for (const { status, lessons } of rows) awaiting.set({ status }, lessons);
    overdue.set(rows.reduce((sum, row) => sum + row.overdue, 0));
  }

  const due = createCarryOut(deps, {
    done(lateMs, lessons) {
      late.observe(lateMs / 1000);
      carried.inc(lessons);
    },
    failed: () => failed.inc(),
  });
  const jobs = [
    createPeriodic({
      name: 'deadlines', everyMs: pollEveryMs, log,
      run: async (signal) => void (await due.run(signal)),
    }),
    createPeriodic({ name: 'sweep', everyMs: SWEEP_EVERY_MS, log, run: (signal) => sweep(deps, signal) }),
    createPeriodic({ name: 'count-awaiting', everyMs: COUNT_EVERY_MS, log, run: countThem }),
    createPeriodic({ name: 'forget-keys', everyMs: HOUSEKEEPING_EVERY_MS, log, run: async () => void (await forgetKeys(db, clock.now())) }),
  ];
  return {
    start: () => jobs.forEach((job) => job.start()),
    stop: async () => void (await Promise.all(jobs.map((job) => job.stop()))),
  };
}
