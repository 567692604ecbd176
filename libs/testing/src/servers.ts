import type { ServerHandle } from '@schoolbell/local-stack';
import { createTestDatabase, type TestDatabase } from './database/test-database.ts';
import type { ServiceName } from '@schoolbell/contracts';
import type { PostgresOptions } from './provider/provider.ts';
import { currentProvider } from './vitest/provided.ts';

/** A NATS server of the test's own. */
export type RunningNats = ServerHandle;

/** A Postgres of the test's own, for tests that stop or kill it. */
export interface RunningPostgres extends ServerHandle {
  readonly adminUrl: string;
  /** A database on this server, as `testDatabase` makes them on the shared one. */
  database(services: ServiceName | readonly ServiceName[]): Promise<TestDatabase>;
}

/** Start a real nats-server with JetStream. Stop it in the end; a stopped or killed one may be started again. */
export const startNats = (): Promise<RunningNats> => currentProvider().startNats();

/** Start a real Postgres, durability on. Most tests share one instead: see `testDatabase`. */
export async function startPostgres(options?: PostgresOptions): Promise<RunningPostgres> {
  const server = await currentProvider().startPostgres(options);
  const more = {
    adminUrl: server.url,
    database: (services: ServiceName | readonly ServiceName[]) => createTestDatabase(server.url, services),
  };
  // Not spread: `pid` must stay a getter.
  return Object.assign(server, more);
}
