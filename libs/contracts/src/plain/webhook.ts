import type { PlatformWebhook } from '../webhook.ts';
import { readPlainAttempt } from './attempt.ts';
import { isObject, isPlainIdentifier, isPlainInstant } from './values.ts';

/** A platform's webhook that is plainly valid; undefined for any other, valid or not. */
export function readPlainWebhook(value: unknown): PlatformWebhook | undefined {
  if (!isObject(value) || !isObject(value['data']) || !isPlainInstant(value['timestamp'])) return undefined;
  const { type, timestamp, data } = value;
  const { organizationId } = data;
  if (organizationId !== undefined && !isPlainIdentifier(organizationId)) return undefined;
  const organization = organizationId === undefined ? undefined : { organizationId };
  if (type === 'test.voided') {
    const { attemptId } = data;
    return isPlainIdentifier(attemptId) ? { type, timestamp, data: { attemptId, ...organization } } : undefined;
  }
  if (type !== 'test.completed' && type !== 'test.regraded') return undefined;
  const attempt = readPlainAttempt(data);
  return attempt && { type, timestamp, data: organization === undefined ? attempt : { ...attempt, ...organization } };
}
