import { createHash, timingSafeEqual } from 'node:crypto';
import type { Scope } from '@schoolbell/contracts';

/** A bearer token of the configuration with its secret resolved to a digest. The secret itself is not kept. */
export interface ResolvedToken {
  readonly name: string;
  /** SHA-256 of the secret: equal length for all, so that they can be compared in constant time. */
  readonly digest: Buffer;
  readonly scopes: ReadonlySet<Scope>;
  /** Organizations it may read. Absent: all. */
  readonly organizations?: ReadonlySet<string>;
}

export function digestToken(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** The token of an `Authorization: Bearer …` header. Every known token is compared, whichever matches. */
export function findToken(tokens: readonly ResolvedToken[], header: string | undefined): ResolvedToken | undefined {
  const presented = /^Bearer +([^\s]+) *$/i.exec(header ?? '')?.[1];
  if (presented === undefined) return undefined;
  const digest = digestToken(presented);
  let found: ResolvedToken | undefined;
  for (const token of tokens) if (timingSafeEqual(token.digest, digest)) found = token;
  return found;
}
