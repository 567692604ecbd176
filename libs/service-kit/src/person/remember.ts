import { decodeJwt } from 'jose';
import type { Subject, VerifyPerson } from './token.ts';

/**
 * Tokens that were found valid lately: a page asks several things with the same one, and a signature costs more than most
 * answers. A key that the issuer takes back is honoured so much longer.
 */
export const REMEMBERED_MS = 60_000;
export const REMEMBERED_MAX = 2000;

/** `verify` with a memory. Nothing is remembered of a token that was refused, nor of any beyond its own expiry. */
export function rememberVerified(verify: VerifyPerson, now: () => number): VerifyPerson {
  // Two halves, of which the older is dropped whole: a Map that loses one entry for each that it gains is copied again and again.
  let recent = new Map<string, Remembered>();
  let older: typeof recent = new Map();
  return async (token) => {
    const found = recent.get(token) ?? older.get(token);
    if (found !== undefined && now() < found.until) return found.subject;
    const subject = await verify(token);
    if (recent.size >= REMEMBERED_MAX / 2) [older, recent] = [recent, new Map()];
    recent.set(token, { subject, until: Math.min(now() + REMEMBERED_MS, (decodeJwt(token).exp ?? 0) * 1000) });
    return subject;
  };
}

interface Remembered {
  readonly subject: Subject;
  readonly until: number;
}
