import type { PlatformWebhook } from '@schoolbell/contracts';
import { parseInstant, reportedInstantFault } from '@schoolbell/time';
import type { FieldError } from './canonical.ts';

/** The instants of a webhook that cannot be. */
export function checkInstants(webhook: PlatformWebhook, nowMs: number): FieldError[] {
  const errors: FieldError[] = [];
  check('/timestamp', webhook.timestamp, nowMs, errors);
  if (webhook.type === 'test.voided') return errors;
  check('/data/completedAt', webhook.data.completedAt, nowMs, errors);
  if (webhook.data.startedAt !== undefined) check('/data/startedAt', webhook.data.startedAt, nowMs, errors);
  return errors;
}

function check(pointer: string, text: string, nowMs: number, errors: FieldError[]): void {
  const detail = reportedInstantFault(parseInstant(text), nowMs);
  if (detail !== undefined) errors.push({ pointer, detail });
}
