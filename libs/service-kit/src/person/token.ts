import { Identifier, PERSON_ROLES, type PersonRole } from '@schoolbell/contracts';
import { createRemoteJWKSet, customFetch, jwtVerify, SignJWT, errors, type FetchImplementation, type JWTPayload, type JWTVerifyGetKey } from 'jose';

/** Who sends a request, as the bearer token says: the platform's own id of a person, and the role. */
export interface Subject {
  readonly id: string;
  readonly role: PersonRole;
}

/** The token proves nothing: wrong signature, expired, without subject or role, or no key is configured. */
export class PersonTokenError extends Error {
  readonly code = 'token-invalid';
}

/** The issuer's keys could not be had: nobody can say whether the token is valid. */
export class KeysUnavailableError extends Error {
  readonly code = 'keys-unavailable';
}

/** How long the issuer may take, and how often it is asked at most for keys that are not known: strangers could ask for ever. */
const KEYS_TIMEOUT_MS = 3000;
const KEYS_COOLDOWN_MS = 10_000;
/** A key that the issuer has withdrawn is not taken for longer than this. */
const KEYS_KEEP_MS = 5 * 60_000;

/** Where the keys of people's tokens come from. */
export interface PersonVerifierOptions {
  /** Shared secret (HS256), for development: at least 32 bytes. */
  readonly secret?: string | undefined;
  /** Address of the issuer's keys, for production. */
  readonly jwksUrl?: string | undefined;
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
  /** Epoch ms: tokens expire by the service's clock. */
  readonly now: () => number;
  readonly keysCooldownMs?: number;
}

/** Who a token names. @throws {PersonTokenError} and, with published keys, {KeysUnavailableError}. */
export type VerifyPerson = (token: string) => Promise<Subject>;

// Never one list for both: a public key must not be taken for a shared secret.
const SHARED = ['HS256'];
const PUBLISHED = ['RS256', 'PS256', 'ES256', 'EdDSA'];

/** A verifier of people's bearer tokens (JWT): `sub`, `role` and `exp` are needed. With `jwksUrl` the shared secret is not taken. */
export function createPersonVerifier({ secret, jwksUrl, issuer, audience, now, keysCooldownMs = KEYS_COOLDOWN_MS }: PersonVerifierOptions): VerifyPerson {
  const key = secret === undefined ? undefined : importSecret(secret);
  const keys = jwksUrl === undefined ? undefined : publishedKeys(new URL(jwksUrl), keysCooldownMs, now);
  return async (token) => {
    const options = { issuer, audience, currentDate: new Date(now()), requiredClaims: ['sub', 'exp'] };
    try {
      if (keys !== undefined) return subjectOf((await jwtVerify(token, keys, { ...options, algorithms: PUBLISHED })).payload);
      if (key !== undefined) return subjectOf((await jwtVerify(token, await key, { ...options, algorithms: SHARED })).payload);
    } catch (cause) {
      if (cause instanceof errors.JOSEError) throw new PersonTokenError('the token is not valid', { cause });
      throw cause;
    }
    throw new PersonTokenError('no key is configured');
  };
}

/** Once: from bytes it would be imported again for every token, which costs more than the signature. */
const importSecret = (secret: string) =>
  crypto.subtle.importKey('raw', new TextEncoder().encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);

/** Keys are fetched again when a token names one that is not known, so a rotation needs no restart. */
function publishedKeys(url: URL, cooldownDuration: number, now: () => number): JWTVerifyGetKey {
  const remote = createRemoteJWKSet(url, {
    timeoutDuration: KEYS_TIMEOUT_MS,
    cooldownDuration,
    cacheMaxAge: KEYS_KEEP_MS,
    [customFetch]: notTooOften(cooldownDuration, now),
  });
  return async (header, token) => {
    try {
      return await remote(header, token);
    } catch (cause) {
      const isAboutTheToken = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported].some((kind) => cause instanceof kind);
      throw isAboutTheToken ? cause : new KeysUnavailableError("the issuer's keys could not be had", { cause });
    }
  };
}

/** The library rests only after keys that came: an issuer that fails would be asked for every token. */
function notTooOften(restMs: number, now: () => number): FetchImplementation {
  let notBefore = -Infinity;
  return async (url, options) => {
    if (now() < notBefore) throw new Error('the issuer was asked in vain a moment ago');
    notBefore = now() + restMs;
    return fetch(url, options);
  };
}

// A payload is what the issuer wrote: its types are checked here.
function subjectOf({ sub, role }: Omit<JWTPayload, 'sub'> & { sub?: unknown; role?: unknown }): Subject {
  const known = PERSON_ROLES.find((one) => one === role);
  const id = Identifier.safeParse(sub);
  if (!id.success || known === undefined) throw new PersonTokenError('the token has no known role, or no subject that is a pseudonymous id');
  return { id: id.data, role: known };
}

/** A token for development and tests, signed with the shared secret. `now` and `ttlSeconds` set its expiry. */
export const signPersonToken = ({ id, role }: Subject, secret: string, now: number, ttlSeconds: number): Promise<string> =>
  new SignJWT({ role })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(id)
    .setExpirationTime(Math.floor(now / 1000) + ttlSeconds)
    .sign(new TextEncoder().encode(secret));
