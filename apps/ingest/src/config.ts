import type { SecretReference } from '@schoolbell/contracts';
import {
  commonEnvironment,
  compileTransform,
  defineEnvironment,
  resolveTokens,
  type Attempt,
  type Configuration,
  type ResolvedToken,
  type SecretStore,
} from '@schoolbell/service-kit';
import { createCipher, type Cipher } from './quarantine/cipher.ts';
import { createAuthentication } from './sources/authenticate.ts';
import { createSource, type Source, type SourceEntry } from './sources/source.ts';

export const environment = defineEnvironment(commonEnvironment('ingest'));
export type Env = ReturnType<typeof environment.parse>;

/** What ingest makes of the configuration file: everything resolved and compiled, nothing left for a request. */
export interface Prepared {
  readonly sources: ReadonlyMap<string, Source>;
  readonly cipher: Cipher;
  readonly tokens: readonly ResolvedToken[];
}

/** Refuses, with all problems at once, what could fail later: a missing secret, a wrong one, a transform. */
export function prepare(configuration: Configuration, attempt: Attempt, secrets: SecretStore): Prepared {
  const sources = configuration.sources.map((entry, index) => prepareSource(entry, `/sources/${index}`, attempt, secrets));
  return {
    sources: new Map(sources.filter((source) => source !== undefined).map((source) => [source.id, source])),
    // Undefined only together with a problem, and then nobody sees it.
    cipher: attempt('/quarantineKey', () => quarantineCipher(configuration.quarantineKey, secrets))!,
    tokens: resolveTokens(configuration, secrets, attempt),
  };
}

function prepareSource(entry: SourceEntry, pointer: string, attempt: Attempt, secrets: SecretStore): Source | undefined {
  const authentication = attempt(`${pointer}/authentication`, () =>
    createAuthentication(entry.authentication, entry.authentication.secrets.map((reference) => secrets.resolve(reference))),
  );
  const { transform: expression } = entry;
  const transform =
    expression === undefined ? undefined : attempt(`${pointer}/transform`, () => compileTransform(expression));
  return authentication && attempt(pointer, () => createSource(entry, { authentication, transform }));
}

/** Without a key there would be no quarantine, and an authentic webhook that is not valid yet would be lost. */
function quarantineCipher(reference: SecretReference | undefined, secrets: SecretStore): Cipher {
  if (reference === undefined) {
    throw new Error('is missing: name a secret of 32 bytes in base64, made with: openssl rand -base64 32');
  }
  return createCipher(secrets.resolve(reference));
}
