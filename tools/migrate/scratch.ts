import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServiceName } from '@schoolbell/contracts';
import { dataDirectory, findPlace, onDatabase, prepareDatabase, startPostgres } from '@schoolbell/local-stack';
import pg from 'pg';

/** A freshly migrated database, gone when the work is done. */
export interface Scratch {
  /** The superuser in a new database that holds the migrations of one service. */
  migrated(service: ServiceName): Promise<string>;
}

/** On `DATABASE_URL` when that is set, else on an embedded Postgres that is started for it. */
export async function withScratch<T>(work: (scratch: Scratch) => Promise<T>): Promise<T> {
  const server = await scratchServer(process.env['DATABASE_URL']);
  const made: string[] = [];
  try {
    return await work({
      async migrated(service) {
        const database = `schoolbell_scratch_${randomUUID().slice(0, 8)}`;
        made.push(database);
        await prepareDatabase({ adminUrl: server.url, database, services: [service] });
        return onDatabase(server.url, database);
      },
    });
  } finally {
    await dropAll(server.url, made);
    await server.remove();
  }
}

async function scratchServer(given: string | undefined): Promise<{ url: string; remove(): Promise<void> }> {
  if (given) return { url: given, remove: async () => undefined };
  const place = await findPlace(dataDirectory);
  const name = `test-${process.pid}`;
  const server = await startPostgres({ place, name, logDirectory: join(dataDirectory, 'logs', 'migrate') });
  const remove = async () => {
    await server.stop();
    await rm(join(place.directory, name), { recursive: true, force: true });
  };
  return { url: server.url, remove };
}

async function dropAll(adminUrl: string, databases: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  for (const database of databases) await client.query(`DROP DATABASE IF EXISTS "${database}" WITH (FORCE)`);
  await client.end();
}
