/**
 * How far ahead of our clock what a platform reports may be. The greatest timestamp of an attempt decides, and under the
 * policy `latest` the greatest completion: one from the year 2099 would win for ever.
 */
export const AHEAD_TOLERANCE_MS = 5 * 60_000;

/** Why an instant that was reported cannot be, for people: too far ahead, or before there was anything to report. */
export function reportedInstantFault(instantMs: number, nowMs: number): string | undefined {
  if (instantMs > nowMs + AHEAD_TOLERANCE_MS) return 'is more than 5 minutes in the future';
  // Also keeps the year within four digits once it is written in UTC.
  return instantMs < 0 ? 'is before 1970' : undefined;
}
