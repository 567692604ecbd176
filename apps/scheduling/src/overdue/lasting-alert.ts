import type { Alerts, NewAlert } from '@schoolbell/messaging';
import type { Database } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';
import { endAlert, openAlert } from './store.ts';

export interface LastingAlertDeps {
  readonly db: Database;
  readonly alerts: Pick<Alerts, 'raise'>;
  readonly clock: Clock;
}

/**
 * Tells of a state, once over all replicas, and of its end. Called with what each look comes to. It takes two in a row that
 * find something: what downtime or other work got in the way of is done by the next one.
 */
export function createLastingAlert({ db, alerts, clock }: LastingAlertDeps): (alert: NewAlert) => Promise<void> {
  let seen = false;
  return async (alert) => {
    const fires = alert.state === 'firing';
    const again = seen;
    seen = fires;
    if (fires && !again) return;
    await db.transaction(async (tx) => {
      const changed = fires ? await openAlert(tx, alert.fingerprint, clock.now()) : await endAlert(tx, alert.fingerprint);
      if (changed) await alerts.raise(tx, [alert]);
    });
  };
}
