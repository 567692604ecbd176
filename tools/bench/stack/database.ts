import { fileURLToPath } from 'node:url';
import { SERVICE_NAMES, type ServiceName } from '@schoolbell/contracts';
import { createLogger, migrate, provision } from '@schoolbell/service-kit';
import pg from 'pg';

const DATABASE = 'schoolbell';
/** What decides whether "committed" means "on disk", and what else a reader of the figures wants to know. */
const SETTINGS = ['server_version', 'fsync', 'full_page_writes', 'synchronous_commit', 'wal_sync_method', 'shared_buffers', 'min_wal_size', 'max_wal_size', 'wal_compression'];
const MUST_BE_ON = ['fsync', 'full_page_writes', 'synchronous_commit'];

export interface BenchDatabase {
  /** Superuser, in the services' database. */
  readonly admin: pg.Pool;
  url(service: ServiceName): string;
  /** As the server itself tells them. */
  readonly settings: Readonly<Record<string, string>>;
}

/** A fresh database with the schema and role of every service, migrated, and proven to be durable. */
export async function prepareDatabase(superuserUrl: string): Promise<BenchDatabase> {
  const root = new pg.Client({ connectionString: superuserUrl });
  await root.connect();
  await root.query(`CREATE DATABASE ${DATABASE}`);
  await root.end();
  const adminUrl = new URL(superuserUrl);
  adminUrl.pathname = DATABASE;
  const password = (name: string) => `bench-${name}`;
  await provision({ adminUrl: adminUrl.href, services: SERVICE_NAMES.map((name) => ({ name, password: password(name) })) });
  const url = (service: ServiceName) => {
    const own = new URL(adminUrl);
    own.username = service;
    own.password = password(service);
    return own.href;
  };
  const log = createLogger({ service: 'bench', level: 'warn' });
  for (const service of SERVICE_NAMES) {
    const directory = fileURLToPath(new URL(`../../../apps/${service}/prisma/migrations`, import.meta.url));
    await migrate({ url: url(service), schema: service, directory, log });
  }
  const admin = new pg.Pool({ connectionString: adminUrl.href, max: 2 });
  // A server that goes away under an idle connection is told by the next question.
  admin.on('error', () => undefined);
  return { admin, url, settings: await askSettings(admin) };
}

async function askSettings(admin: pg.Pool): Promise<Record<string, string>> {
  const { rows } = await admin.query<{ name: string; setting: string }>('SELECT name, current_setting(name) AS setting FROM unnest($1::text[]) AS name', [SETTINGS]);
  const settings = Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
  const off = MUST_BE_ON.filter((name) => settings[name] !== 'on');
  if (off.length > 0) throw new Error(`nothing is measured on a database with ${off.join(', ')} off`);
  return settings;
}
