import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Log } from '../log.ts';
import { MigrationError } from './migration-error.ts';
import { readMigrations, type MigrationFile } from './migration-files.ts';

/** The advisory lock of `prisma migrate deploy`, so that the two exclude each other. Source: Prisma's schema engine. */
const LOCK_KEY = 72_707_369;
const LOCK_TIMEOUT_MS = 60_000;
const CONNECT_TIMEOUT_MS = 5000;

/** The table of `prisma migrate`, column for column. Source: Prisma's schema engine. */
const BOOKKEEPING = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id varchar(36) PRIMARY KEY,
  checksum varchar(64) NOT NULL,
  finished_at timestamptz,
  migration_name varchar(255) NOT NULL,
  logs text,
  rolled_back_at timestamptz,
  started_at timestamptz NOT NULL DEFAULT now(),
  applied_steps_count integer NOT NULL DEFAULT 0
)`;

interface AppliedRow {
  readonly name: string;
  readonly checksum: string;
  readonly finished: boolean;
}

export interface MigrateOptions {
  /** With the role of the service, which owns the schema. */
  readonly url: string;
  readonly schema: string;
  /** A Prisma migrations folder: `<directory>/<name>/migration.sql`, applied in the order of the names. */
  readonly directory: string;
  readonly log: Log;
}

/**
 * Apply what is missing, each file in a transaction of its own together with its bookkeeping. Any number of processes
 * may do so at once: one applies, the others find nothing to do.
 * @throws {MigrationError} when an applied file was changed, an earlier run of Prisma was cut short, or a file fails.
 */
export async function migrate({ url, schema, directory, log }: MigrateOptions): Promise<{ applied: string[] }> {
  const files = await readMigrations(directory);
  const client = new pg.Client({
    connectionString: url,
    application_name: `schoolbell-${schema}-migrate`,
    options: `-c search_path=${schema}`,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
  });
  client.on('error', (err) => log.warn({ err, schema }, 'database connection lost'));
  await client.connect();
  try {
    await requireSchema(client, schema);
    await client.query('SELECT pg_advisory_lock($1)', [LOCK_KEY]);
    await client.query(BOOKKEEPING);
    const pending = pendingFiles(files, await appliedRows(client), schema, log);
    for (const file of pending) {
      await apply(client, file, schema);
      log.info({ schema, migration: file.name }, 'migration applied');
    }
    return { applied: pending.map(({ name }) => name) };
  } finally {
    await client.end();
  }
}

async function requireSchema(client: pg.Client, schema: string): Promise<void> {
  const { rows } = await client.query<{ present: boolean }>('SELECT to_regnamespace($1) IS NOT NULL AS present', [schema]);
  if (!rows[0]?.present) {
    throw new MigrationError('schema-missing', `the database has no schema "${schema}": provision it first`);
  }
}

async function appliedRows(client: pg.Client): Promise<AppliedRow[]> {
  const { rows } = await client.query<AppliedRow>(
    `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished
       FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY started_at`,
  );
  return rows;
}

function pendingFiles(files: MigrationFile[], rows: AppliedRow[], schema: string, log: Log): MigrationFile[] {
  const known = new Map(files.map((file) => [file.name, file]));
  for (const { name, checksum, finished } of rows) {
    if (!finished) {
      const wayOut = `repair by hand, then DELETE FROM "${schema}"._prisma_migrations WHERE finished_at IS NULL`;
      throw new MigrationError('migration-unfinished', `migration ${name} of "${schema}" was begun and never finished: ${wayOut}`);
    }
    const file = known.get(name);
    // A newer version of the service was here: an older one that is rolled back to must still start.
    if (file === undefined) log.warn({ schema, migration: name }, 'database has a migration that this version does not know');
    else if (file.checksum !== checksum) {
      const wayOut = 'restore the file as it was applied and put the change into a new migration';
      throw new MigrationError('migration-changed', `migration ${name} of "${schema}" was changed after it was applied: ${wayOut}`);
    }
  }
  const applied = new Set(rows.map(({ name }) => name));
  return files.filter(({ name }) => !applied.has(name));
}

async function apply(client: pg.Client, file: MigrationFile, schema: string): Promise<void> {
  await client.query('BEGIN');
  try {
    const id = randomUUID();
    await client.query('INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ($1, $2, $3)', [
      id,
      file.checksum,
      file.name,
    ]);
    await client.query(file.sql);
    await client.query(
      'UPDATE _prisma_migrations SET finished_at = clock_timestamp(), applied_steps_count = 1 WHERE id = $1',
      [id],
    );
    await client.query('COMMIT');
  } catch (cause) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw new MigrationError(
      'migration-failed',
      `migration ${file.name} of "${schema}" failed${place(cause, file.sql)} and changed nothing: ${String((cause as Error).message)}`,
      { cause },
    );
  }
}

/** The driver tells a character offset; people look for a line. */
function place(error: unknown, sql: string): string {
  const position = Number((error as { position?: string }).position);
  return position > 0 ? ` at line ${sql.slice(0, position).split('\n').length}` : '';
}
