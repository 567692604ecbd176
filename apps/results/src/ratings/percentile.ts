import { formatMicros } from '../decimals/micros.ts';

/** A place in a rating. */
export interface Place {
  /** Competition rank: 1, 2, 2, 4. */
  readonly rank: number;
  /** Learners with exactly this result, this one included. */
  readonly equal: number;
  /** Learners in the rating. */
  readonly learners: number;
}

/**
 * The percentile rank of a place, in percent with two decimals, half up: the share of the learners below it, and half of
 * those that share it. So the only learner of a rating stands at 50, and equal learners at equal percentiles.
 *
 * PR = 100 * (CF - F / 2) / N, where CF counts the learners at or below the place, F those exactly there, N all.
 * Source: https://en.wikipedia.org/wiki/Percentile_rank, after Roscoe, Fundamental Research Statistics for the
 * Behavioral Sciences (1975). In hundredths and whole numbers: floor((10000 * (2 * CF - F) + N) / (2 * N)).
 */
export function percentileOf({ rank, equal, learners }: Place): string {
  const atOrBelow = learners - (rank - 1);
  const hundredths = Math.floor((10_000 * (2 * atOrBelow - equal) + learners) / (2 * learners));
  return formatMicros(hundredths * 10_000);
}
