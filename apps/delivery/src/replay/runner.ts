import { createPeriodic, type Database, type Log, type Periodic } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';
import { advanceReplay } from './store.ts';

/** How often a replica looks for replays that nobody carries on. */
const LOOK_EVERY_MS = 1_000;

/** Carries replays on, portion by portion. */
export interface ReplayRunner extends Periodic {
  /** A replay was written down: begin now. */
  kick(): void;
}

export function createReplayRunner(deps: { db: Database; clock: Clock; log: Log; wake: (destinationId: string) => void }): ReplayRunner {
  const { db, clock, log, wake } = deps;
  let stopped = false;
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    while (!stopped) {
      const destination = await advanceReplay(db, clock.now());
      if (destination === undefined) return;
      wake(destination);
    }
  }
  const once = (): Promise<void> => (running ??= run().finally(() => (running = undefined)));
  const periodic = createPeriodic({ name: 'replay', everyMs: LOOK_EVERY_MS, log, run: once });
  return {
    start: () => periodic.start(),
    kick: () => void once().catch((err: unknown) => log.warn({ err }, 'a replay stopped and is carried on soon')),
    async stop() {
      stopped = true;
      await periodic.stop();
      await running?.catch(() => undefined);
    },
  };
}
