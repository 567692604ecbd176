// What stands on the wire, as https://github.com/standard-webhooks/standard-webhooks (spec/standard-webhooks.md) says,
// with the points that it leaves open decided strictly: one message has exactly one spelling.
import { createHmac } from 'node:crypto';
import type { SigningKey } from './secret.ts';

/** Unique id of the message, the same for every attempt to deliver it. */
export const HEADER_ID = 'webhook-id';
/** Seconds since the epoch at which this attempt was signed. */
export const HEADER_TIMESTAMP = 'webhook-timestamp';
/** Signatures with a version each, separated by single spaces. */
export const HEADER_SIGNATURE = 'webhook-signature';

export const WEBHOOK_ID_MAX_LENGTH = 64;
/** How far a timestamp may be from now, into the past and into the future. */
export const TOLERANCE_SECONDS = 5 * 60;
/** A sender signs with one or two keys while it rotates them; more than this is an attempt to make us work. */
export const SIGNATURES_MAX = 16;
export const KEY_BYTES_MIN = 24;
export const KEY_BYTES_MAX = 64;

// No dot: it separates id, timestamp and body under the signature, so an id with one could borrow from its neighbour.
const WEBHOOK_ID = new RegExp(`^[A-Za-z0-9_-]{1,${WEBHOOK_ID_MAX_LENGTH}}$`);
// Ten digits are the seconds from 2001 to 2286. A sign, a fraction, a leading zero or milliseconds are another format.
const TIMESTAMP = /^[1-9]\d{9}$/;

/** True for an id that can be signed without ambiguity: 1 to 64 of `A-Z a-z 0-9 _ -`. */
export function isWebhookId(text: string): boolean {
  return WEBHOOK_ID.test(text);
}

export function isTimestamp(text: string): boolean {
  return TIMESTAMP.test(text);
}

/** HMAC-SHA256 over `id.timestamp.` and the body's bytes as they are; the body is never decoded to text. */
export function digest(key: SigningKey, id: string, timestamp: string, body: Uint8Array | string): Buffer {
  return createHmac('sha256', key.key).update(`${id}.${timestamp}.`, 'latin1').update(body).digest();
}
