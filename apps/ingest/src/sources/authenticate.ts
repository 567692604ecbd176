// How a source proves itself. Each scheme is a function of the headers and the raw bytes, prepared once per
// configuration: nothing is decoded, hashed or split per request that could have been before.
import { createHash, createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import {
  HEADER_ID,
  HEADER_SIGNATURE,
  HEADER_TIMESTAMP,
  parseSecret,
  verify,
  type Refusal as SignatureRefusal,
} from '@schoolbell/standard-webhooks';
import type { SourceEntry } from './source.ts';

type SourceAuthentication = SourceEntry['authentication'];

/** Why a request is not taken for the source's own. */
export type AuthenticationRefusal = SignatureRefusal | 'malformed-credentials' | 'wrong-credentials';
export type AuthenticationVerdict = 'verified' | AuthenticationRefusal;

export interface Authentication {
  /** For the header `www-authenticate`, which every 401 must have (RFC 9110, section 15.5.2). */
  readonly challenge: string;
  authenticate(headers: IncomingHttpHeaders, body: Buffer, nowMs: number): AuthenticationVerdict;
}

/** Shortest secret of the schemes that do not say themselves how long one must be. */
export const SECRET_MIN_LENGTH = 12;

/** The secret cannot be used with its scheme; the message never contains it. */
export class SecretUnusableError extends Error {
  readonly code = 'secret-unusable';
  override readonly name = 'SecretUnusableError';
}

export function createAuthentication(config: SourceAuthentication, secrets: readonly string[]): Authentication {
  switch (config.scheme) {
    case 'standard-webhooks':
      return standardWebhooks(secrets);
    case 'hmac':
      return hmac(config, secrets.map(longEnough));
    case 'bearer':
      return credentials('Bearer', secrets.map((secret) => visible(longEnough(secret))));
    case 'basic':
      return credentials('Basic', secrets.map((secret) => basicToken(config.username, longEnough(secret))));
  }
}

function standardWebhooks(secrets: readonly string[]): Authentication {
  const keys = secrets.map(parseSecret);
  return {
    challenge: 'Standard-Webhooks',
    authenticate: (headers, body, nowMs) =>
      verify(
        keys,
        {
          id: single(headers[HEADER_ID]),
          timestamp: single(headers[HEADER_TIMESTAMP]),
          signature: single(headers[HEADER_SIGNATURE]),
          body,
        },
        nowMs,
      ),
  };
}

const HMAC_TEXT = { hex: /^(?:[0-9a-f]{2})+$/i, base64: /^[A-Za-z0-9+/]+={0,2}$/ };

function hmac(config: Extract<SourceAuthentication, { scheme: 'hmac' }>, secrets: readonly string[]): Authentication {
  const { algorithm, encoding, prefix } = config;
  const header = config.header.toLowerCase();
  const keys = secrets.map((secret) => createSecretKey(secret, 'utf8'));
  return {
    challenge: 'HMAC',
    authenticate(headers, body) {
      const value = single(headers[header]);
      if (!value) return 'missing-header';
      const text = value.slice(prefix.length);
      if (!value.startsWith(prefix) || !HMAC_TEXT[encoding].test(text)) return 'malformed-signature';
      const given = Buffer.from(text, encoding);
      for (const key of keys) {
        const expected = createHmac(algorithm, key).update(body).digest();
        if (given.length === expected.length && timingSafeEqual(given, expected)) return 'verified';
      }
      return 'no-matching-signature';
    },
  };
}

// Basic is base64. A bearer token that somebody else chose may have any visible character (RFC 6750 knows fewer).
const CREDENTIALS = { Bearer: /^Bearer +([\x21-\x7e]+)$/i, Basic: /^Basic +([A-Za-z0-9+/]+=*)$/i };
const BEARER_TOKEN = /^[\x21-\x7e]+$/;

/** Compares digests, so that neither the length nor the content of a secret shows in the time it takes. */
function credentials(scheme: 'Bearer' | 'Basic', tokens: readonly string[]): Authentication {
  const expected = tokens.map(sha256);
  return {
    challenge: scheme === 'Basic' ? 'Basic realm="schoolbell"' : 'Bearer',
    authenticate(headers) {
      if (!headers.authorization) return 'missing-header';
      const [, token] = CREDENTIALS[scheme].exec(headers.authorization) ?? [];
      if (token === undefined) return 'malformed-credentials';
      const digest = sha256(token);
      let found = false;
      for (const candidate of expected) found = timingSafeEqual(digest, candidate) || found;
      return found ? 'verified' : 'wrong-credentials';
    },
  };
}

function basicToken(username: string, password: string): string {
  return Buffer.from(`${username}:${password}`, 'utf8').toString('base64');
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function longEnough(secret: string): string {
  if (secret.length >= SECRET_MIN_LENGTH) return secret;
  throw new SecretUnusableError(`a secret of this scheme has at least ${SECRET_MIN_LENGTH} characters`);
}

function visible(secret: string): string {
  if (BEARER_TOKEN.test(secret)) return secret;
  throw new SecretUnusableError('a bearer secret has visible ASCII characters only, and no space: no request could carry another one');
}

/** Node joins repeated headers with a comma, so a value is a list only for `set-cookie`. */
function single(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
