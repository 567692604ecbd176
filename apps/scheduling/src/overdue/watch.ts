import type { NewAlert } from '@schoolbell/messaging';
import { createPeriodic, type Log, type Periodic } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import { createLastingAlert, type LastingAlertDeps } from './lasting-alert.ts';
import { findOverdue, type Overdue } from './store.ts';

/** Tells the on-call admin that deadlines are not carried out: one alert for the state over all replicas, and its end. */

const LOOK_EVERY_MS = 15_000;
const FINGERPRINT = 'lesson-overdue';

export interface OverdueWatchDeps extends LastingAlertDeps {
  readonly overdueAfterMs: () => number;
}

/** One look after the other: after downtime the first may come before the poller has caught up. */
export function createOverdueLook({ overdueAfterMs, ...deps }: OverdueWatchDeps): () => Promise<void> {
  const tell = createLastingAlert(deps);
  return async () => tell(alertOf(await findOverdue(deps.db, deps.clock.now() - overdueAfterMs())));
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
