import type { Alerts, NewAlert } from '@schoolbell/messaging';
import { createPeriodic, type Database, type Log, type Periodic } from '@schoolbell/service-kit';
import { formatInstant, type Clock } from '@schoolbell/time';
import { endAlert, findOverdue, openAlert, type Overdue } from './store.ts';

/** Tells the on-call admin that deadlines are not carried out: one alert for the state over all replicas, and its end. */

const LOOK_EVERY_MS = 15_000;
const FINGERPRINT = 'lesson-overdue';

export interface OverdueWatchDeps {
  readonly db: Database;
  readonly alerts: Pick<Alerts, 'raise'>;
  readonly clock: Clock;
  readonly overdueAfterMs: () => number;
}

/**
 * One look after the other. It takes two in a row that find something: after downtime the first may come before the
 * poller has caught up.
 */
export function createOverdueLook({ db, alerts, clock, overdueAfterMs }: OverdueWatchDeps): () => Promise<void> {
  let seen = false;
  return async () => {
    const now = clock.now();
    const overdue = await findOverdue(db, now - overdueAfterMs());
    const again = seen;
    seen = overdue !== undefined;
    if (overdue !== undefined && !again) return;
    await db.transaction(async (tx) => {
      const changed = overdue === undefined ? await endAlert(tx, FINGERPRINT) : await openAlert(tx, FINGERPRINT, now);
      if (changed) await alerts.raise(tx, [alertOf(overdue)]);
    });
  };
}

export const createOverdueWatch = ({ log, ...deps }: OverdueWatchDeps & { readonly log: Log }): Periodic =>
  createPeriodic({ name: 'overdue-watch', everyMs: LOOK_EVERY_MS, log, run: createOverdueLook(deps) });

function alertOf(overdue: Overdue | undefined): NewAlert {
  return {
    fingerprint: FINGERPRINT,
    kind: 'lesson-overdue',
    severity: 'critical',
    title: 'Lessons wait for something that nobody carries out',
    ...(overdue === undefined
      ? { state: 'resolved', detail: 'Every lesson has its next action ahead.' }
      : { state: 'firing', detail: detailOf(overdue), labels: { [overdue.what]: overdue.id } }),
  };
}

const detailOf = ({ count, since, what, id }: Overdue): string =>
  `${count} in all; ${what} ${id} ${since === null ? 'has no next action' : `since ${formatInstant(since.getTime())}`}. See GET /v1/awaiting and the log of scheduling.`;
