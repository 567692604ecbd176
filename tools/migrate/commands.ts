import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceName } from '@schoolbell/contracts';
import { migrationsDirectory } from '@schoolbell/local-stack';
import { createLogger, migrate } from '@schoolbell/service-kit';
import pg from 'pg';
import { compare } from './compare.ts';
import { withScratch } from './scratch.ts';

/** Returns the exit code: 1 when a schema file and its migrations have come apart. */
export async function check(services: readonly ServiceName[]): Promise<number> {
  return await withScratch(async (scratch) => {
    let apart = 0;
    for (const service of services) {
      const found = await compare(service, await scratch.migrated(service), 'text');
      console.log(`${service}: ${found === undefined ? 'schema and migrations agree' : `the migrations would still have to\n${found}`}`);
      if (found !== undefined) apart += 1;
    }
    if (apart > 0) console.log('Write what is missing with "npm run migrate -- new", or correct schema.prisma.');
    return apart === 0 ? 0 : 1;
  });
}

export async function create(service: ServiceName, name: string): Promise<void> {
  const sql = await withScratch(async (scratch) => compare(service, await scratch.migrated(service), 'sql'));
  if (sql === undefined) return console.log('schema.prisma asks for nothing that the migrations do not make already.');
  const all = migrationsDirectory(service);
  const directory = join(all, `${nextNumber(readdirSync(all))}_${name}`);
  mkdirSync(directory);
  writeFileSync(join(directory, 'migration.sql'), `${sql}\n`);
  console.log(`Written: ${join(directory, 'migration.sql')}. Read it: data that must move are yours to move.`);
}

/** `0003` after `0002_delivery`. */
export function nextNumber(names: readonly string[]): string {
  const numbers = names.map((name) => Number(/^(\d{4})_/.exec(name)?.[1] ?? 0));
  return String(Math.max(0, ...numbers) + 1).padStart(4, '0');
}

export async function deploy(service: ServiceName, url: string): Promise<void> {
  const log = createLogger({ service, level: 'warn' });
  const { applied } = await migrate({ url, schema: service, directory: migrationsDirectory(service), log });
  console.log(applied.length === 0 ? 'Nothing to apply.' : `Applied: ${applied.join(', ')}`);
}

export async function status(service: ServiceName, url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string; finished: boolean }>(
      `SELECT migration_name AS name, finished_at IS NOT NULL AS finished FROM ${client.escapeIdentifier(service)}._prisma_migrations WHERE rolled_back_at IS NULL`,
    );
    const known = new Map(rows.map((row) => [row.name, row.finished]));
    const names = readdirSync(migrationsDirectory(service)).filter((entry) => /^\d/.test(entry)).sort();
    for (const name of new Set([...names, ...known.keys()])) {
      console.log(`${known.get(name) === true ? 'applied   ' : known.has(name) ? 'unfinished' : 'missing   '}  ${name}`);
    }
  } finally {
    await client.end();
  }
}
