import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SecretReference } from '@schoolbell/contracts';
import { repositoryRoot } from '@schoolbell/local-stack';
import { createSecretStore, prepareConfiguration } from '@schoolbell/service-kit';
import { FOLDER, writePrivate } from './folder.ts';
import { DEFAULT_PORT_BASE } from './ports.ts';

const DEVELOPMENT = join(repositoryRoot, 'deploy', 'development.json');
/** Our own addresses in that file: the last two digits say which. */
const OWN_ADDRESS = new RegExp(`//127\\.0\\.0\\.1:${DEFAULT_PORT_BASE / 100}(\\d\\d)`, 'g');

export interface ChosenConfiguration {
  readonly path: string;
  /** Whether it is the one of deploy/development.json, whose source and destination the played webhook needs. */
  readonly development: boolean;
}

/** The configuration of the environment, else the development one, moved to the chosen ports. */
export function chooseConfiguration(env: NodeJS.ProcessEnv, portBase: number): ChosenConfiguration {
  const own = env['SCHOOLBELL_CONFIG'];
  if (own) return { path: own, development: false };
  if (portBase === DEFAULT_PORT_BASE) return { path: DEVELOPMENT, development: true };
  const text = readFileSync(DEVELOPMENT, 'utf8').replace(OWN_ADDRESS, (_, last) => `//127.0.0.1:${portBase + Number(last)}`);
  writePrivate(FOLDER.configuration, text);
  return { path: FOLDER.configuration, development: true };
}

/** Say what is wrong before anything is started. @throws {ConfigurationError} with every problem. */
export async function checkConfiguration(path: string, env: Readonly<Record<string, string | undefined>>): Promise<void> {
  const secrets = createSecretStore(env);
  await prepareConfiguration(path, (configuration, attempt) => {
    for (const { pointer, reference } of secretReferences(configuration)) attempt(pointer, () => secrets.resolve(reference));
  });
}

function secretReferences(value: unknown, pointer = ''): { pointer: string; reference: SecretReference }[] {
  if (typeof value !== 'object' || value === null) return [];
  const keys = Object.keys(value);
  if (keys.length === 1 && (keys[0] === 'env' || keys[0] === 'file')) return [{ pointer, reference: value as SecretReference }];
  return Object.entries(value).flatMap(([key, part]) => secretReferences(part, `${pointer}/${key}`));
}
