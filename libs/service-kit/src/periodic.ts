import { waitMs } from '@schoolbell/time';
import type { Log } from './log.ts';

/** Work that is done again and again, never twice at once. */
export interface Periodic {
  start(): void;
  /** Waits for the run in hand; its signal has fired. */
  stop(): Promise<void>;
}

/** Runs at once, then `everyMs` after each end. A failed run is logged and does not end the series. */
export function createPeriodic(options: {
  name: string;
  everyMs: number;
  run: (signal: AbortSignal) => Promise<void>;
  log: Log;
}): Periodic {
  const { name, everyMs, run, log } = options;
  const stopping = new AbortController();
  let running: Promise<void> | undefined;

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await run(stopping.signal);
      } catch (error) {
        if (!stopping.signal.aborted) log.warn({ err: error, job: name }, 'a periodic job failed, it runs again');
      }
      await waitMs(everyMs, stopping.signal);
    }
  }

  return {
    start() {
      running ??= loop();
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
