import type { ServiceName } from '@schoolbell/contracts';
import {
  createDatabase,
  createSecretStore,
  watchConfiguration,
  type Attempt,
  type Configuration,
  type Database,
  type LiveConfiguration,
  type Plans,
  type SecretStore,
  type ServiceContext,
} from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';
import { createMessaging, type Messaging } from './messaging.ts';

/** What tests replace in a service. */
export interface ServiceOptions {
  /** Default: the clock of the machine. */
  readonly clock?: Clock;
  /** Where secrets are looked up. Default: the environment of the process. */
  readonly secrets?: Readonly<Record<string, string | undefined>>;
}

/** What every service stands on. */
export interface Foundation<Prepared> {
  readonly live: LiveConfiguration<Prepared>;
  readonly db: Database;
  readonly messaging: Messaging;
  /** After everything that stands on it has stopped. */
  close(): Promise<void>;
}

/**
 * The configuration first, because a wrong one must end the start before anything was opened; then the database and
 * messaging, which connect when they can. Not ready until the database has answered.
 * @throws {ConfigurationError} with every problem of the configuration.
 */
export async function openFoundation<Prepared>(deps: {
  service: ServiceName;
  context: ServiceContext<{ DATABASE_URL: string; NATS_URL: string; SCHOOLBELL_CONFIG: string }>;
  prepare: (configuration: Configuration, attempt: Attempt, secrets: SecretStore) => Prepared;
  streams: Parameters<typeof createMessaging>[0]['streams'];
  clock: Clock;
  secrets: ServiceOptions['secrets'];
  /** See `PoolOptions.plans`. */
  plans?: Plans;
}): Promise<Foundation<Prepared>> {
  const { service, context, prepare, streams, clock, secrets = process.env, plans } = deps;
  const { env, log, metrics, health } = context;
  health.set('database', 'down', 'not asked yet');
  const secretStore = createSecretStore(secrets);
  const live = await watchConfiguration({
    path: env.SCHOOLBELL_CONFIG,
    prepare: (configuration, attempt) => prepare(configuration, attempt, secretStore),
    log,
  });
  const db = createDatabase({ url: env.DATABASE_URL, schema: service, ...(plans && { plans }), log, metrics });
  const messaging = createMessaging({ service, databaseUrl: env.DATABASE_URL, natsUrl: env.NATS_URL, db, streams, clock, log, metrics, health });
  live.listen(messaging.configuration);
  return {
    live,
    db,
    messaging,
    async close() {
      live.close();
      await messaging.stop();
      await db.close();
    },
  };
}
