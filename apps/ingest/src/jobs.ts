import { createPeriodic, type Database, type Log, type Metrics, type Periodic } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';
import { Gauge } from 'prom-client';
import type { Alarms } from './alarms/alarms.ts';
import type { Refusals } from './alarms/refusals.ts';
import type { Silence } from './alarms/silence.ts';
import type { Retention } from './retention/jobs.ts';

const REFUSALS_EVERY_MS = 1000;
const SILENCE_EVERY_MS = 10_000;
const QUARANTINE_EVERY_MS = 10_000;
const RETENTION_EVERY_MS = 5 * 60_000;

const countOpen = { name: 'ingest_quarantine_count', text: `SELECT count(*)::int AS open FROM quarantine WHERE state = 'open'` };

/** Everything that happens by itself. Each job runs in every replica and is harmless so. */
export function createJobs(deps: {
  db: Database;
  alarms: Alarms;
  refusals: Refusals;
  silence: Silence;
  retention: Retention;
  clock: Clock;
  log: Log;
  metrics: Metrics;
}): readonly Periodic[] {
  const { db, alarms, refusals, silence, retention, clock, log } = deps;
  const open = new Gauge({
    name: 'ingest_quarantine_open',
    help: 'Authentic webhooks that wait in quarantine for a fix.',
    registers: [deps.metrics.registry],
  });
  const job = (name: string, everyMs: number, run: (signal: AbortSignal) => Promise<void>) => createPeriodic({ name, everyMs, run, log });
  return [
    job('refusals', REFUSALS_EVERY_MS, () => refusals.flush()),
    job('silence', SILENCE_EVERY_MS, () => silence.look()),
    job('quarantine', QUARANTINE_EVERY_MS, async () => {
      await retention.supersede();
      open.set((await db.query<{ open: number }>(countOpen, []))[0]?.open ?? 0);
      await db.transaction((tx) => alarms.resolveQuiet(tx, clock.now()));
    }),
    job('retention', RETENTION_EVERY_MS, (signal) => retention.run(signal)),
  ];
}
