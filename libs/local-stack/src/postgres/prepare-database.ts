import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceName } from '@schoolbell/contracts';
import { createLogger, migrate, provision } from '@schoolbell/service-kit';
import pg from 'pg';
import { LocalStackError } from '../errors.ts';
import { repositoryRoot } from '../paths.ts';
import { onDatabase, serviceDatabaseUrl, servicePassword } from './service-role.ts';

const CONNECT_TIMEOUT_MS = 5000;
const DUPLICATE_DATABASE = '42P04';
const INSUFFICIENT_PRIVILEGE = '42501';

export interface PrepareDatabaseOptions {
  /** Someone who may create databases and roles. */
  readonly adminUrl: string;
  readonly database: string;
  readonly services: readonly ServiceName[];
}

/**
 * Make the database if it is missing, its roles and schemas, and apply each service's migrations. May be repeated.
 * @throws {LocalStackError} `postgres-address`, `postgres-unreachable`, `postgres-privilege`.
 */
export async function prepareDatabase(options: PrepareDatabaseOptions): Promise<{ applied: string[] }> {
  const { adminUrl, database, services } = options;
  // What is no address is not shown: it may hold a password.
  if (!URL.canParse(adminUrl)) {
    throw new LocalStackError(
      'postgres-address',
      'DATABASE_URL is no address such as postgresql://postgres:password@127.0.0.1:5432/postgres: correct it, or unset it to have the embedded one.',
    );
  }
  try {
    await createDatabase(adminUrl, database);
    await provision({
      adminUrl: onDatabase(adminUrl, database),
      services: services.map((name) => ({ name, password: servicePassword(adminUrl, name) })),
    });
  } catch (cause) {
    if ((cause as { code?: string }).code !== INSUFFICIENT_PRIVILEGE) throw cause;
    throw new LocalStackError(
      'postgres-privilege',
      `The role of DATABASE_URL may not prepare the database "${database}" (${(cause as Error).message}): name one that may create databases, roles and extensions, or unset DATABASE_URL to have the embedded one.`,
      { cause },
    );
  }
  const applied: string[] = [];
  for (const service of services) {
    const directory = migrationsDirectory(service);
    if (!existsSync(directory)) continue;
    const log = createLogger({ service, level: 'silent' });
    const done = await migrate({ url: serviceDatabaseUrl(adminUrl, service, database), schema: service, directory, log });
    applied.push(...done.applied.map((name) => `${service} ${name}`));
  }
  return { applied };
}

/** Where a service keeps its migrations. */
export const migrationsDirectory = (service: ServiceName): string =>
  join(repositoryRoot, 'apps', service, 'prisma', 'migrations');

async function createDatabase(adminUrl: string, database: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  try {
    await client.connect();
  } catch (cause) {
    throw new LocalStackError(
      'postgres-unreachable',
      `No Postgres answers at DATABASE_URL (${(cause as Error).message}): start it, correct the address, or unset DATABASE_URL to have the embedded one.`,
      { cause },
    );
  }
  try {
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(database)}`);
  } catch (error) {
    if ((error as { code?: string }).code !== DUPLICATE_DATABASE) throw error;
  } finally {
    await client.end();
  }
}
