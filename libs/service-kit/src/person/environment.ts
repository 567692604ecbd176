import { z } from 'zod';
import type { PersonVerifierOptions } from './token.ts';

const SECRET_MIN = 32;

/** Environment variables of a service that people call with a bearer token. Spread it into `defineEnvironment`. */
export const personTokenEnvironment = <Prefix extends string>(prefix: Prefix): PersonTokenShape<Prefix> =>
  ({
    [`${prefix}_JWT_SECRET`]: z.string().min(SECRET_MIN).optional()
      .describe(`Shared secret of the bearer tokens (HS256), at least ${SECRET_MIN} characters; for development`),
    [`${prefix}_JWKS_URL`]: z.url({ protocol: /^https?$/ }).optional()
      .describe("The issuer's published keys; then the shared secret is not taken. Without either, every call is answered 401"),
    [`${prefix}_JWT_ISSUER`]: z.string().optional().describe('What a token must name as issuer, if given'),
    [`${prefix}_JWT_AUDIENCE`]: z.string().optional().describe('What a token must name as audience, if given'),
  }) as PersonTokenShape<Prefix>;

type Name<Prefix extends string> = `${Prefix}_JWT_SECRET` | `${Prefix}_JWKS_URL` | `${Prefix}_JWT_ISSUER` | `${Prefix}_JWT_AUDIENCE`;
type PersonTokenShape<Prefix extends string> = Readonly<Record<Name<Prefix>, z.ZodOptional<z.ZodString>>>;

/** The keys that these variables name, for `createPersonVerifier`. */
export const personKeys = <Prefix extends string>(
  prefix: Prefix, env: { readonly [Key in Name<Prefix>]?: string | undefined },
): Omit<PersonVerifierOptions, 'now'> => ({
  secret: env[`${prefix}_JWT_SECRET`], jwksUrl: env[`${prefix}_JWKS_URL`],
  issuer: env[`${prefix}_JWT_ISSUER`], audience: env[`${prefix}_JWT_AUDIENCE`],
});
