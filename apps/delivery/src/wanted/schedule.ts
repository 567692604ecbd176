import { backoffMs, type Random } from '@schoolbell/time';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;

/** Times of the first retries after the first failure: several within a minute. Their gaps are what is waited. */
export const FIRST_RETRIES_AT_MS = [2, 8, 20, 45].map((seconds) => seconds * SECOND_MS);
/** The first retries vary by this share, so that what failed together does not come back together. */
const FIRST_RETRIES_SPREAD = 0.1;
/** After that: full jitter below a ceiling that doubles, from two minutes to six hours. */
const LATER = { baseMs: 120 * SECOND_MS, maxMs: 6 * HOUR_MS };
/** Full jitter may say "at once"; the later retries are not there for that. */
const LATER_MIN_MS = 10 * SECOND_MS;
/** Waiting time between real attempts, summed up. What an open circuit or a hold takes does not count. */
export const BUDGET_MS = 72 * HOUR_MS;

/** How long to wait after the attempt with this number failed; the first attempt is number 1. */
export function retryDelayMs(attempt: number, random: Random): number {
  const at = FIRST_RETRIES_AT_MS[attempt - 1];
  if (at === undefined) return Math.max(LATER_MIN_MS, backoffMs(attempt - FIRST_RETRIES_AT_MS.length - 1, LATER, random));
  const gap = at - (FIRST_RETRIES_AT_MS[attempt - 2] ?? 0);
  return Math.round(gap * (1 + FIRST_RETRIES_SPREAD * (2 * random() - 1)));
}

/** Holds after answers 429 or 503 that do not say how long, or "0": the same steps, at most a quarter of an hour. */
export function holdDelayMs(throttles: number, random: Random): number {
  return Math.min(retryDelayMs(throttles, random), HOUR_MS / 4);
}
