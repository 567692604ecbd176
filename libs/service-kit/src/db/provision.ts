import { backoffMs, systemRandom, waitMs } from '@schoolbell/time';
import pg from 'pg';

/** Roles belong to the whole server: provisioning two databases at once can collide on them. */
const MAX_RUNS = 8;
const RETRY_BACKOFF = { baseMs: 20, maxMs: 500 };
/** Tuple concurrently updated; unique violation in a catalog; object exists already; deadlock. */
const COLLISION_STATES = new Set(['XX000', '23505', '42710', '42P06', '40P01']);
const NAME = /^[a-z][a-z0-9_]{0,62}$/;
const CONNECT_TIMEOUT_MS = 5000;

export interface ProvisionOptions {
  /** A role that may create roles and extensions, connected to the database that is provisioned. */
  readonly adminUrl: string;
  readonly services: readonly { readonly name: string; readonly password: string }[];
}

/**
 * A schema and a role of the same name for each service; the role owns its schema and sees no other. Also the
 * extension btree_gist, which only an administrator may install. Can be repeated; passwords are set anew.
 */
export async function provision({ adminUrl, services }: ProvisionOptions): Promise<void> {
  for (const { name } of services) {
    if (!NAME.test(name)) throw new RangeError(`not a name for a role and a schema: ${name}`);
  }
  const client = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  await client.connect();
  try {
    for (let run = 1; ; run += 1) {
      try {
        await provisionOnce(client, services);
        return;
      } catch (error) {
        await client.query('ROLLBACK');
        if (run === MAX_RUNS || !COLLISION_STATES.has(String((error as { code?: string }).code))) throw error;
        await waitMs(backoffMs(run, RETRY_BACKOFF, systemRandom));
      }
    }
  } finally {
    await client.end();
  }
}

async function provisionOnce(client: pg.Client, services: ProvisionOptions['services']): Promise<void> {
  const { rows } = await client.query<{ database: string; superuser: boolean }>(
    'SELECT current_database() AS database, rolsuper AS superuser FROM pg_roles WHERE rolname = current_user',
  );
  const { database, superuser } = rows[0]!;
  const db = client.escapeIdentifier(database);
  await client.query('BEGIN');
  await client.query(`REVOKE ALL ON DATABASE ${db} FROM PUBLIC; REVOKE ALL ON SCHEMA public FROM PUBLIC`);
  await client.query('CREATE EXTENSION IF NOT EXISTS btree_gist');
  for (const { name, password } of services) {
    const present = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [name]);
    const role = client.escapeIdentifier(name);
    const verb = present.rowCount === 0 ? 'CREATE' : 'ALTER';
    await client.query(
      `${verb} ROLE ${role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD ${client.escapeLiteral(password)}`,
    );
    // Only a superuser may give a schema to a role that it is no member of.
    if (!superuser) await client.query(`GRANT ${role} TO CURRENT_USER`);
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${role} AUTHORIZATION ${role}`);
    await client.query(`GRANT CONNECT ON DATABASE ${db} TO ${role}`);
    await client.query(`ALTER ROLE ${role} IN DATABASE ${db} SET search_path = ${role}`);
  }
  await client.query('COMMIT');
}
