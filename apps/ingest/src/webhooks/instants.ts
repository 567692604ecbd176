import type { PlatformWebhook } from '@schoolbell/contracts';
import { parseInstant } from '@schoolbell/time';
import type { FieldError } from './canonical.ts';

/**
 * How far ahead of our clock an event may be. The greatest timestamp of an attempt decides, and under the policy
 * `latest` the greatest completion: one from the year 2099 would win for ever.
 */
export const AHEAD_TOLERANCE_MS = 5 * 60_000;

/** The instants of a webhook that cannot be: too far ahead, or before there was anything to report. */
export function checkInstants(webhook: PlatformWebhook, nowMs: number): FieldError[] {
  const errors: FieldError[] = [];
  check('/timestamp', webhook.timestamp, nowMs, errors);
  if (webhook.type === 'test.voided') return errors;
  check('/data/completedAt', webhook.data.completedAt, nowMs, errors);
  if (webhook.data.startedAt !== undefined) check('/data/startedAt', webhook.data.startedAt, nowMs, errors);
  return errors;
}

function check(pointer: string, text: string, nowMs: number, errors: FieldError[]): void {
  const instantMs = parseInstant(text);
  if (instantMs > nowMs + AHEAD_TOLERANCE_MS) errors.push({ pointer, detail: 'is more than 5 minutes in the future' });
  // Also keeps the year within four digits once it is written in UTC.
  else if (instantMs < 0) errors.push({ pointer, detail: 'is before 1970' });
}
