import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceName } from '@schoolbell/contracts';
import { repositoryRoot } from '@schoolbell/local-stack';
import pg from 'pg';
import { catalogAdapter } from './adapter.ts';
import { differences } from './engine.ts';

/**
 * What separates the schema file of a service from the database that its migrations make. Tables without a model are
 * passed over: the hot paths reach theirs by SQL, and Prisma cannot say what they use (partitions, partial indexes).
 */
export async function compare(service: ServiceName, databaseUrl: string, as: 'sql' | 'text'): Promise<string | undefined> {
  const path = join('apps', service, 'prisma', 'schema.prisma');
  const content = readFileSync(join(repositoryRoot, path), 'utf8');
  const modelled = modelledTables(content);
  const external = (await tables(databaseUrl, service)).filter((table) => !modelled.has(table));
  const adapter = catalogAdapter(databaseUrl, service);
  return await differences({ adapter, file: { path, content }, externalTables: external.map((table) => `${service}.${table}`), as });
}

/** Table names of the models: `@@map`, or the model's own name. */
export function modelledTables(schema: string): Set<string> {
  const models = schema.matchAll(/^model\s+(\w+)\s*\{([^}]*)\}/gm);
  return new Set([...models].map(([, name, body]) => /@@map\("([^"]+)"\)/.exec(body!)?.[1] ?? name!));
}

async function tables(url: string, schema: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      "SELECT relname AS name FROM pg_class WHERE relnamespace = to_regnamespace($1) AND relkind IN ('r', 'p')",
      [schema],
    );
    return rows.map(({ name }) => name);
  } finally {
    await client.end();
  }
}
