import { createPeriodic, type Database, type Log, type Metrics, type Periodic } from '@schoolbell/service-kit';
import { Gauge } from 'prom-client';
import type { ChangeDeps } from './open.ts';
import { askAgain, countSmallGroups } from './small-groups.ts';

const ASK_POLL_EVERY_MS = 15_000;

/** Asks again about groups that are too small, and counts them. */
export function createAsking(deps: ChangeDeps & { db: Database; log: Log; metrics: Metrics }): Periodic {
  const { db, log, metrics } = deps;
  const small = new Gauge({ name: 'scheduling_small_groups', help: 'Groups with fewer than two students that nobody has decided about.', registers: [metrics.registry] });
  return createPeriodic({
    name: 'ask-about-groups', everyMs: ASK_POLL_EVERY_MS, log,
    run: async () => {
      await askAgain(deps);
      small.set(await countSmallGroups(db));
    },
  });
}
