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
  const known = new Map<string, { readonly subject: Subject; readonly until: number }>();
  return async (token) => {
    const found = known.get(token);
    if (found !== undefined && now() < found.until) return found.subject;
    const subject = await verify(token);
    known.delete(token);
    const [oldest] = known.size < REMEMBERED_MAX ? [] : known.keys();
    if (oldest !== undefined) known.delete(oldest);
    known.set(token, { subject, until: Math.min(now() + REMEMBERED_MS, (decodeJwt(token).exp ?? 0) * 1000) });
    return subject;
  };
}
