import type { Alerts, NewAlert } from '@schoolbell/messaging';
import type { Database, Metrics } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';
import { Gauge } from 'prom-client';
import { endAlert, openAlert } from '../overdue/store.ts';

/** Tells the on-call admin of what cannot be derived anew: one alert while there is any, over all replicas, and its end. */

const FINGERPRINT = 'lesson-not-derived';

export interface FailuresDeps {
  readonly db: Database;
  readonly alerts: Pick<Alerts, 'raise'>;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

export interface Failures {
  /** After a run: what failed, and whether it came to its end. One that did not says of nothing that it is well. */
  ran(failed: ReadonlySet<string>, ended: boolean): Promise<void>;
  /** Another replica does the work, and counts. */
  follow(): void;
}

export function createFailures({ db, alerts, clock, metrics }: FailuresDeps): Failures {
  const gauge = new Gauge({
    name: 'scheduling_not_derived', help: 'Packages and contracts that the last run could not derive by the present time-zone database.', registers: [metrics.registry],
  });
  // It takes two runs in a row that fail: what other work got in the way of is done the next time.
  let seen = false;
  return {
    follow: () => gauge.set(0),
    async ran(failed, ended) {
      const fails = failed.size > 0;
      if (!fails && !ended) return;
      gauge.set(failed.size);
      const again = seen;
      seen = fails;
      if (fails && !again) return;
      await db.transaction(async (tx) => {
        const changed = fails ? await openAlert(tx, FINGERPRINT, clock.now()) : await endAlert(tx, FINGERPRINT);
        if (changed) await alerts.raise(tx, [alertOf(failed)]);
      });
    },
  };
}

function alertOf(failed: ReadonlySet<string>): NewAlert {
  const [first] = failed;
  return {
    fingerprint: FINGERPRINT,
    kind: 'lesson-overdue',
    severity: 'critical',
    title: 'Lessons cannot be derived by the new time-zone database',
    ...(first === undefined
      ? { state: 'resolved', detail: 'Every lesson is derived by the present time-zone database.' }
      : { state: 'firing', detail: `${failed.size} packages or contracts in all, ${first} among them. See "cannot be derived anew" in the log of scheduling.` }),
  };
}
