import type { AlertData } from '@schoolbell/contracts';
import { INITIAL_LEVEL, LEVEL_TRIGGER_LIMITS, stepLevelTrigger } from '@schoolbell/messaging';
import { createPeriodic, type Log, type Periodic } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';

/** With three failed probes in a row, an alert leaves at most 9 seconds after its cause. */
const PROBE_EVERY_MS = 1_000;
export const PROBE_TIMEOUT_MS = 2_000;
/** Everything may start at once: what never was well is given this time. */
export const START_GRACE_MS = 15_000;

/** Something the notifier looks at itself, because it could not report its own trouble. */
export interface Watched {
  readonly name: string;
  readonly alert: Omit<AlertData, 'state' | 'detail'>;
  /** Failures in a row that make it trouble. */
  readonly failuresToFire: number;
  /** Undefined: all is well; else what is wrong. Must end within PROBE_TIMEOUT_MS. */
  probe(signal: AbortSignal): Promise<string | undefined>;
}

/** Probes one thing for ever and reports it as a level: again and again while it lasts. */
export function createWatch(deps: {
  watched: Watched;
  report: (alert: AlertData) => void;
  /** Each answer, for the metric. */
  seen: (name: string, well: boolean) => void;
  clock: Clock;
  log: Log;
}): Periodic {
  const { watched, clock } = deps;
  const limits = { ...LEVEL_TRIGGER_LIMITS, failuresToFire: watched.failuresToFire };
  const startedMs = clock.now();
  let wasWell = false;
  let level = INITIAL_LEVEL;
  return createPeriodic({
    name: watched.name,
    everyMs: PROBE_EVERY_MS,
    log: deps.log,
    run: async (signal) => {
      const trouble = await watched.probe(signal);
      if (signal.aborted) return;
      deps.seen(watched.name, trouble === undefined);
      wasWell ||= trouble === undefined;
      if (!wasWell && clock.now() - startedMs < START_GRACE_MS) return;
      const { state, say } = stepLevelTrigger(level, trouble === undefined, clock.now(), limits);
      level = state;
      if (say !== undefined) deps.report({ ...watched.alert, state: say, detail: trouble ?? 'All is well again.' });
    },
  });
}
