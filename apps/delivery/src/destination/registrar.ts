import type { Database, Log } from '@schoolbell/service-kit';
import { waitMs, type Clock } from '@schoolbell/time';
import { ensureDestinations } from './store.ts';

const RETRY_EVERY_MS = 500;

type Registered = Parameters<typeof ensureDestinations>[1];

/** Makes the rows of configured destinations, as soon as the database is there. */
export interface Registrar {
  /** The destinations that are configured from now on. */
  register(destinations: Registered): void;
  /** Resolves when the rows are there. Rejects when that cannot be awaited any longer. */
  registered(): Promise<void>;
  stop(): Promise<void>;
}

export function createRegistrar({ db, clock, log }: { db: Database; clock: Clock; log: Log }): Registrar {
  const stopping = new AbortController();
  let wanted: Registered | undefined;
  let working: Promise<void> | undefined;
  let failure: unknown;

  async function work(): Promise<void> {
    while (wanted !== undefined && !stopping.signal.aborted) {
      const list = wanted;
      try {
        const moved = await ensureDestinations(db, list, clock.now());
        if (moved.length > 0) log.warn({ destinations: moved }, 'destinations belong to another organization now, what waited there was removed');
        if (wanted === list) wanted = undefined;
      } catch (error) {
        failure = error;
        log.warn({ err: error }, 'the rows of the destinations could not be made, it is tried again');
        await waitMs(RETRY_EVERY_MS, stopping.signal);
      }
    }
  }
  return {
    register(destinations) {
      wanted = destinations;
      working ??= work().finally(() => (working = undefined));
    },
    async registered() {
      await working;
      if (wanted !== undefined) throw new Error('the rows of the destinations are not there', { cause: failure });
    },
    async stop() {
      stopping.abort();
      await working;
    },
  };
}
