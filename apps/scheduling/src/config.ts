import {
  commonEnvironment, defineEnvironment, personTokenEnvironment, resolveTokens, type Attempt, type Configuration, type ResolvedToken, type SecretStore,
} from '@schoolbell/service-kit';

export const environment = defineEnvironment({ ...commonEnvironment('scheduling'), ...personTokenEnvironment('SCHEDULING') });
export type Env = ReturnType<typeof environment.parse>;

/** What scheduling makes of the configuration file. */
export interface Prepared {
  readonly tokens: readonly ResolvedToken[];
  readonly overdueAfterMs: number;
}

export const prepare = (configuration: Configuration, attempt: Attempt, secrets: SecretStore): Prepared => ({
  tokens: resolveTokens(configuration, secrets, attempt),
  overdueAfterMs: configuration.lessons.overdueAfterMinutes * 60_000,
});
