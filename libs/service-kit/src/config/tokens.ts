import type { Configuration } from './load.ts';
import type { Attempt } from './load.ts';
import type { SecretStore } from './secrets.ts';
import { digestToken, type ResolvedToken } from '../http/tokens.ts';

const TOKEN_MIN_LENGTH = 24;

/** The bearer tokens of the configuration, for `createHttpServer`. */
export function resolveTokens({ tokens }: Configuration, secrets: SecretStore, attempt: Attempt): readonly ResolvedToken[] {
  const owners = new Map<string, string>();
  return tokens.flatMap(({ name, secret, scopes, organizations }, index) => {
    const digest = attempt(`/tokens/${index}/secret`, () => {
      const value = secrets.resolve(secret);
      if (value.length < TOKEN_MIN_LENGTH) throw new RangeError(`the token is shorter than ${TOKEN_MIN_LENGTH} characters`);
      if (!/^[\x21-\x7e]+$/.test(value)) throw new RangeError('the token has characters that cannot stand in a header');
      const hashed = digestToken(value);
      const owner = owners.get(hashed.toString('hex'));
      if (owner !== undefined) throw new RangeError(`the token is the same as that of "${owner}": nobody could tell them apart`);
      owners.set(hashed.toString('hex'), name);
      return hashed;
    });
    if (digest === undefined) return [];
    return [{ name, digest, scopes: new Set(scopes), ...(organizations && { organizations: new Set(organizations) }) }];
  });
}
