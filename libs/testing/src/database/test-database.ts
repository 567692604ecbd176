import { randomUUID } from 'node:crypto';
import type { ServiceName } from '@schoolbell/contracts';
import { onDatabase, serviceDatabaseUrl } from '@schoolbell/local-stack';
import pg from 'pg';
import { sharedAdminUrl } from '../vitest/provided.ts';
import { waitFor, WaitTimeoutError } from '../wait-for.ts';
import { ensureTemplate } from './template.ts';

/** Connections of services that were killed need a moment to be noticed. */
const CLOSING_MS = 10_000;

/** A database of the test's own, with the roles, schemas and migrations of the services asked for. */
export interface TestDatabase {
  readonly name: string;
  /** With the role of the service. */
  url(service: ServiceName): string;
  /** As superuser, in this database. */
  readonly adminUrl: string;
  /** Remove it. Throws when a connection to it is still open: somebody did not close a pool. */
  drop(): Promise<void>;
}

/** Clone a database on the shared Postgres of this run; about 50 ms. */
export const testDatabase = (services: ServiceName | readonly ServiceName[]): Promise<TestDatabase> =>
  createTestDatabase(sharedAdminUrl(), services);

export async function createTestDatabase(adminUrl: string, services: ServiceName | readonly ServiceName[]): Promise<TestDatabase> {
  const list = typeof services === 'string' ? [services] : [...services].sort();
  const name = `schoolbell_test_${randomUUID().replaceAll('-', '').slice(0, 16)}`;
  await asAdmin(adminUrl, async (admin) => {
    const template = await ensureTemplate(admin, adminUrl, list);
    await admin.query(`CREATE DATABASE "${name}" TEMPLATE "${template}"`);
    // What hangs on a database as a whole is not cloned with it.
    await admin.query(`REVOKE ALL ON DATABASE "${name}" FROM PUBLIC`);
    for (const service of list) {
      await admin.query(`GRANT CONNECT ON DATABASE "${name}" TO "${service}"`);
      await admin.query(`ALTER ROLE "${service}" IN DATABASE "${name}" SET search_path = "${service}"`);
    }
  });
  return {
    name,
    url: (service) => serviceDatabaseUrl(adminUrl, service, name),
    adminUrl: onDatabase(adminUrl, name),
    drop: () => asAdmin(adminUrl, (admin) => drop(admin, name)),
  };
}

async function drop(admin: pg.Client, name: string): Promise<void> {
  const connected = async (): Promise<string[]> => {
    const { rows } = await admin.query<{ who: string }>(
      "SELECT application_name || ' (' || usename || ')' AS who FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'",
      [name],
    );
    return rows.map(({ who }) => who);
  };
  try {
    await waitFor('connections are closed', async () => (await connected()).length === 0, { timeoutMs: CLOSING_MS });
  } catch (error) {
    if (!(error instanceof WaitTimeoutError)) throw error;
    const left = await connected();
    await admin.query(`DROP DATABASE "${name}" WITH (FORCE)`);
    throw new Error(`the test leaves connections to its database open: ${left.join(', ')}`);
  }
  await admin.query(`DROP DATABASE "${name}"`);
}

async function asAdmin<T>(adminUrl: string, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}
