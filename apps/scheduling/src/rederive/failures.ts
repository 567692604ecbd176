import type { NewAlert } from '@schoolbell/messaging';
import type { Metrics } from '@schoolbell/service-kit';
import { Gauge } from 'prom-client';
import { createLastingAlert, type LastingAlertDeps } from '../overdue/lasting-alert.ts';

/** Tells the on-call admin of what cannot be derived anew: one alert while there is any, over all replicas, and its end. */

const FINGERPRINT = 'lesson-not-derived';

export interface FailuresDeps extends LastingAlertDeps {
  readonly metrics: Metrics;
}

export interface Failures {
  /** After a run: what failed, and whether it came to its end. One that did not says of nothing that it is well. */
  ran(failed: ReadonlySet<string>, ended: boolean): Promise<void>;
  /** Another replica does the work, and counts. */
  follow(): void;
}

export function createFailures({ metrics, ...deps }: FailuresDeps): Failures {
  const gauge = new Gauge({
    name: 'scheduling_not_derived', help: 'Packages and contracts that the last run could not derive by the present time-zone database.', registers: [metrics.registry],
  });
  const tell = createLastingAlert(deps);
  return {
    follow: () => gauge.set(0),
    async ran(failed, ended) {
      if (failed.size === 0 && !ended) return;
      gauge.set(failed.size);
      await tell(alertOf(failed));
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
