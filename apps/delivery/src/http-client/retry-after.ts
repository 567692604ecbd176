import { parseInstant } from '@schoolbell/time';

/** Longer than this nobody is believed: a slip of the pen would silence a destination for a year. */
export const RETRY_AFTER_MAX_MS = 6 * 3_600_000;

const SECONDS = /^\d{1,15}$/;
/** The date forms of RFC 9110, section 5.6.7, all of which name the zone or, in the last one, mean UTC. */
const DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .*GMT$/;
const ASCTIME = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/**
 * Milliseconds to wait by a `Retry-After` header, in seconds or as a date, at most six hours; undefined when there is
 * none or it is not readable. A date that has passed is 0. Source: RFC 9110, section 10.2.3.
 */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  const text = value?.trim();
  if (text === undefined || text === '') return undefined;
  if (SECONDS.test(text)) return Math.min(Number(text) * 1_000, RETRY_AFTER_MAX_MS);
  const dated = DATE.test(text) ? text : ASCTIME.test(text) ? `${text} GMT` : undefined;
  if (dated === undefined) return undefined;
  try {
    return Math.min(Math.max(0, parseInstant(dated) - nowMs), RETRY_AFTER_MAX_MS);
  } catch {
    return undefined;
  }
}
