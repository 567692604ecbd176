import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServiceName } from '@schoolbell/contracts';
import { migrationsDirectory, prepareDatabase } from '@schoolbell/local-stack';
import type pg from 'pg';

/** Any number will do as long as it is this one. */
const TEMPLATE_LOCK = 7_265_001;

/**
 * A migrated database to clone, made once per server and state of the migrations; returns its name. Whoever comes
 * first makes it, the others wait. It becomes a template only when it is complete.
 */
export async function ensureTemplate(admin: pg.Client, adminUrl: string, services: readonly ServiceName[]): Promise<string> {
  const name = `schoolbell_template_${await fingerprint(services)}`;
  await admin.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK]);
  try {
    const found = await admin.query<{ complete: boolean }>('SELECT datistemplate AS complete FROM pg_database WHERE datname = $1', [name]);
    if (found.rows[0]?.complete) return name;
    if (found.rows[0]) await admin.query(`DROP DATABASE "${name}" WITH (FORCE)`);
    await prepareDatabase({ adminUrl, database: name, services });
    await admin.query(`ALTER DATABASE "${name}" IS_TEMPLATE true`);
    return name;
  } finally {
    await admin.query('SELECT pg_advisory_unlock($1)', [TEMPLATE_LOCK]);
  }
}

async function fingerprint(services: readonly ServiceName[]): Promise<string> {
  const hash = createHash('sha256');
  for (const service of services) {
    hash.update(`${service}\n`);
    const directory = migrationsDirectory(service);
    if (!existsSync(directory)) continue;
    const names = (await readdir(directory, { recursive: true })).filter((name) => name.endsWith('.sql')).sort();
    for (const name of names) hash.update(`${name}\n`).update(await readFile(join(directory, name)));
  }
  return hash.digest('hex').slice(0, 16);
}
