import { createBatcher, type Database, type Metrics } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';
import { Gauge } from 'prom-client';
import { readRating, type RatingPage, type RatingWish } from './store.ts';

/**
 * Each page ranks all learners, on the connections that the fold takes too: readers get two of them. As many wait as are
 * served within a few seconds at 50,000 learners, and nobody waits longer than a statement may take.
 */
const PACED = { maxRows: 1, maxInFlight: 2, maxQueued: 20, maxWaitMs: 10_000 };

export interface RatingReader {
  /** Rejects with BatchUnavailableError: what comes when 20 wait, or has waited for 10 s. */
  read(wish: RatingWish): Promise<RatingPage>;
}

/** Reads ratings, a few at once: the rest waits for its turn. */
export function createRatingReader({ db, clock, metrics }: { db: Database; clock: Clock; metrics: Metrics }): RatingReader {
  const paced = createBatcher<RatingWish, RatingPage>({ ...PACED, clock, flush: (wishes) => Promise.all(wishes.map((wish) => readRating(db, wish))) });
  new Gauge({
    name: 'results_ratings_queued',
    help: 'Readings of a rating that wait for their turn.',
    registers: [metrics.registry],
    collect() {
      this.set(paced.queued());
    },
  });
  return { read: (wish) => paced.submit(wish) };
}
