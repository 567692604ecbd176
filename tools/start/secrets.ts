import { randomBytes } from 'node:crypto';
import { FOLDER, readOptional, writePrivate } from './folder.ts';

const make = {
  SCHOOLBELL_WEBHOOK_SECRET: () => `whsec_${randomBytes(32).toString('base64')}`,
  SCHOOLBELL_DESTINATION_SECRET: () => `whsec_${randomBytes(32).toString('base64')}`,
  SCHOOLBELL_TOKEN: () => randomBytes(24).toString('base64url'),
  SCHOOLBELL_QUARANTINE_KEY: () => randomBytes(32).toString('base64'),
  /** Signs the tokens of people, for the lessons API and the inbox, on this machine only. */
  SCHEDULING_JWT_SECRET: () => randomBytes(32).toString('base64url'),
  SCHOOLBELL_LINK_KEY: () => randomBytes(32).toString('base64'),
} as const;

/** What deploy/development.json names, by the names of the environment. */
export type Secrets = Readonly<Record<keyof typeof make, string>>;

/** Made at the first start and kept; what the environment says goes before. */
export function developmentSecrets(env: NodeJS.ProcessEnv): Secrets {
  const kept = JSON.parse(readOptional(FOLDER.secrets) || '{}') as Partial<Secrets>;
  const secrets = Object.fromEntries(
    Object.entries(make).map(([name, generate]) => [name, kept[name as keyof Secrets] ?? generate()]),
  ) as Secrets;
  writePrivate(FOLDER.secrets, `${JSON.stringify(secrets, null, 2)}\n`);
  const given = Object.keys(make).filter((name) => env[name]);
  return { ...secrets, ...Object.fromEntries(given.map((name) => [name, env[name]!])) };
}
