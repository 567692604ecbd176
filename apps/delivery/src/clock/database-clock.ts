import type { Clock } from '@schoolbell/time';

/** The clock of the database server, so that all replicas compare leases and deadlines by one clock. */
export interface DatabaseClock extends Clock {
  /** The server said that it is `databaseNowMs`, somewhere between these two readings of `performance.now()`. */
  observe(databaseNowMs: number, askedMs: number, answeredMs: number): void;
}

/** Readings that took longer than this say less than the last good one. */
const USEFUL_ROUND_TRIP_MS = 50;

/**
 * Runs on this process's monotonic clock, set by readings of the server's; until the first of them by `fallback`. Off
 * by at most half a round trip.
 */
export function createDatabaseClock(fallback: Clock): DatabaseClock {
  let offsetMs: number | undefined;
  return {
    now: () => (offsetMs === undefined ? fallback.now() : Math.round(performance.now() + offsetMs)),
    observe(databaseNowMs, askedMs, answeredMs) {
      if (offsetMs !== undefined && answeredMs - askedMs > USEFUL_ROUND_TRIP_MS) return;
      offsetMs = databaseNowMs - (askedMs + answeredMs) / 2;
    },
  };
}
