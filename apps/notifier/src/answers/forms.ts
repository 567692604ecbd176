import { createHash, randomBytes } from 'node:crypto';
import type { LinkKeys } from '../links/keys.ts';

/**
 * The hidden field of an answer form. Only a page that was asked for has one, so no other site can post in somebody's
 * name, and a scanner that follows links has nothing to send. Nothing is stored until an answer is given.
 */
const NONCE_BYTES = 16;
/** A page may lie open for so long. */
export const FORM_TTL_MS = 3_600_000;

export function mintForm(keys: LinkKeys, itemId: string, nowMs: number): string {
  const nonce = randomBytes(NONCE_BYTES).toString('base64url');
  const expires = (nowMs + FORM_TTL_MS).toString(36);
  return [nonce, expires, keys.sign(['form', itemId, nonce, expires])].join('.');
}

export function isOwnForm(keys: LinkKeys, form: string, itemId: string, nowMs: number): boolean {
  const match = /^([\w-]{22})\.([0-9a-z]{1,12})\.([\w-]{43})$/.exec(form);
  if (match === null) return false;
  const [, nonce, expires, signature] = match as unknown as [string, string, string, string];
  return keys.verify(['form', itemId, nonce, expires], signature) && nowMs < Number.parseInt(expires, 36);
}

/** One answer, whatever becomes of the connection: the same form, verb and time are one and the same. */
export const answerKey = (form: string, verb: string, toMs: number | undefined): string =>
  createHash('sha256').update(JSON.stringify([form, verb, toMs ?? null])).digest('base64url');
