import type { OrganizationConfig } from '@schoolbell/contracts';
import {
  commonEnvironment,
  defineEnvironment,
  resolveTokens,
  type Attempt,
  type Configuration,
  type ResolvedToken,
  type SecretStore,
} from '@schoolbell/service-kit';

export const environment = defineEnvironment(commonEnvironment('results'));
export type Env = ReturnType<typeof environment.parse>;

/** What results makes of the configuration file. */
export interface Prepared {
  readonly organizations: readonly OrganizationConfig[];
  readonly tokens: readonly ResolvedToken[];
}

export function prepare(configuration: Configuration, attempt: Attempt, secrets: SecretStore): Prepared {
  return { organizations: configuration.organizations, tokens: resolveTokens(configuration, secrets, attempt) };
}
