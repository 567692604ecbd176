// The hot path of ingest: no allocation beyond the HMAC itself, a verdict that is a plain string, cheap checks first.
import { timingSafeEqual } from 'node:crypto';
import type { SigningKey } from './secret.ts';
import { digest, isTimestamp, isWebhookId, SIGNATURES_MAX, TOLERANCE_SECONDS } from './wire.ts';

/** A request as it came: header values untouched, `undefined` when absent, the body's raw bytes. */
export interface ReceivedMessage {
  readonly id: string | undefined;
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
  readonly body: Uint8Array;
}

/** Why a message is not accepted. */
export type Refusal =
  | 'missing-header'
  | 'malformed-id'
  | 'malformed-timestamp'
  | 'timestamp-too-old'
  | 'timestamp-too-new'
  | 'malformed-signature'
  | 'no-matching-signature';
export type Verdict = 'verified' | Refusal;

// 32 bytes in base64 are 43 characters and one "="; the last of them carries four bits only.
const V1_SIGNATURE = /^v1,[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;
// Versions we do not know (v1a, v2) are passed over, as the specification asks, if they look like a signature at all.
const OTHER_SIGNATURE = /^(?!v1,)[a-z0-9]{1,8},[A-Za-z0-9+/]+={0,2}$/;
const DIGEST_BYTES = 32;
const candidate = Buffer.alloc(DIGEST_BYTES);

/**
 * Says whether one of `keys` signed exactly these bytes within five minutes of `nowMs`.
 *
 * Stricter than the JavaScript reference library, which decodes the body to text before it signs (so bytes that are no
 * UTF-8 can be exchanged), reads `1700000000junk` as a number, takes ids with dots, and ignores what follows a second
 * comma in a signature. Every part of `signature` must be well formed, or the whole header is refused.
 */
export function verify(keys: readonly SigningKey[], message: ReceivedMessage, nowMs: number): Verdict {
  const { id, timestamp, signature } = message;
  if (!id || !timestamp || !signature) return 'missing-header';
  if (!isWebhookId(id)) return 'malformed-id';
  if (!isTimestamp(timestamp)) return 'malformed-timestamp';
  const ageSeconds = Math.floor(nowMs / 1000) - Number(timestamp);
  if (ageSeconds > TOLERANCE_SECONDS) return 'timestamp-too-old';
  if (ageSeconds < -TOLERANCE_SECONDS) return 'timestamp-too-new';
  // Nearly every request carries one signature: it is not split.
  if (!signature.includes(' ')) {
    if (V1_SIGNATURE.test(signature)) return matches(keys, id, timestamp, message.body, [signature]);
    return OTHER_SIGNATURE.test(signature) ? 'no-matching-signature' : 'malformed-signature';
  }
  const parts = signature.split(' ', SIGNATURES_MAX + 1);
  if (parts.length > SIGNATURES_MAX) return 'malformed-signature';
  if (!parts.every((part) => V1_SIGNATURE.test(part) || OTHER_SIGNATURE.test(part))) return 'malformed-signature';
  return matches(keys, id, timestamp, message.body, parts);
}

function matches(
  keys: readonly SigningKey[],
  id: string,
  timestamp: string,
  body: Uint8Array,
  signatures: readonly string[],
): Verdict {
  for (const key of keys) {
    const expected = digest(key, id, timestamp, body);
    for (const signature of signatures) {
      if (!signature.startsWith('v1,')) continue;
      candidate.write(signature.slice(3), 'base64');
      if (timingSafeEqual(candidate, expected)) return 'verified';
    }
  }
  return 'no-matching-signature';
}
