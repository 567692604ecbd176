import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { testDatabase, type TestDatabase } from '@schoolbell/testing';
import pg from 'pg';
import { createLogger, migrate, provision } from '../src/index.ts';

const log = createLogger({ service: 'ingest', level: 'silent' });
const schema = 'kit_migrate';
const password = 'kit-migrate';
let database: TestDatabase;
let directory: string;
let admin: pg.Client;
let url: string;

beforeEach(async () => {
  database = await testDatabase('ingest');
  await provision({ adminUrl: database.adminUrl, services: [{ name: schema, password }] });
  url = Object.assign(new URL(database.adminUrl), { username: schema, password }).href;
  admin = new pg.Client(database.adminUrl);
  await admin.connect();
  directory = await mkdtemp(join(tmpdir(), 'schoolbell-migrations-'));
});
afterEach(async () => {
  await admin.query(`DROP SCHEMA ${schema} CASCADE; DROP OWNED BY ${schema}; DROP ROLE ${schema}`);
  await admin.end();
  await database.drop();
  await rm(directory, { recursive: true });
});

async function write(name: string, sql: string): Promise<void> {
  await mkdir(join(directory, name), { recursive: true });
  await writeFile(join(directory, name, 'migration.sql'), sql);
}
const run = (): Promise<{ applied: string[] }> => migrate({ url, schema, directory, log });
const bookkeeping = async (): Promise<unknown[]> =>
  (await admin.query(`SELECT migration_name, applied_steps_count, finished_at IS NOT NULL AS finished FROM ${schema}._prisma_migrations ORDER BY 1`)).rows;

test('applies in the order of the names, once, into the own schema, and books like Prisma', async () => {
  await write('0002_more', 'ALTER TABLE thing ADD COLUMN more text;');
  await write('0001_first', "CREATE TABLE thing (id int); CREATE FUNCTION two() RETURNS int LANGUAGE sql AS $$ SELECT 1; SELECT 2 $$;");
  await writeFile(join(directory, 'migration_lock.toml'), 'provider = "postgresql"\n');
  expect(await run()).toEqual({ applied: ['0001_first', '0002_more'] });
  expect(await run()).toEqual({ applied: [] });
  expect(await bookkeeping()).toEqual([
    { migration_name: '0001_first', applied_steps_count: 1, finished: true },
    { migration_name: '0002_more', applied_steps_count: 1, finished: true },
  ]);
  expect((await admin.query(`SELECT ${schema}.two() AS two`)).rows).toEqual([{ two: 2 }]);
});

test('of several at once one applies', async () => {
  await write('0001_first', 'CREATE TABLE thing (id int);');
  const applied = await Promise.all([run(), run(), run()]);
  expect(applied.flatMap((result) => result.applied)).toEqual(['0001_first']);
});

test('a migration that fails changes nothing and names its line; repaired, it applies', async () => {
  await write('0001_first', 'CREATE TABLE thing (id int);');
  await write('0002_broken', 'CREATE TABLE other (id int);\nCREATE TABLE third (id nonsense);\n');
  await expect(run()).rejects.toThrow(
    expect.objectContaining({
      code: 'migration-failed',
      message: expect.stringMatching(/0002_broken of "kit_migrate" failed at line 2 and changed nothing: type "nonsense"/),
    }),
  );
  expect(await bookkeeping()).toHaveLength(1);
  await write('0002_broken', 'CREATE TABLE other (id int);');
  expect(await run()).toEqual({ applied: ['0002_broken'] });
});

test('an applied file that was changed is refused', async () => {
  await write('0001_first', 'CREATE TABLE thing (id int);');
  await run();
  await write('0001_first', 'CREATE TABLE thing (id bigint);');
  await expect(run()).rejects.toThrow(expect.objectContaining({ code: 'migration-changed' }));
});

test('a run of Prisma that was cut short is refused, a migration of a newer version is not', async () => {
  await write('0001_first', 'CREATE TABLE thing (id int);');
  await write('0002_newer', 'SELECT 1;');
  await run();
  await rm(join(directory, '0002_newer'), { recursive: true });
  expect(await run()).toEqual({ applied: [] });
  await admin.query(`INSERT INTO ${schema}._prisma_migrations (id, checksum, migration_name) VALUES ('x', 'x', '0003_half')`);
  await expect(run()).rejects.toThrow(expect.objectContaining({ code: 'migration-unfinished' }));
});

test('a schema nobody provisioned and a folder that is not there are named', async () => {
  await expect(migrate({ url, schema: 'nobody', directory, log })).rejects.toThrow(expect.objectContaining({ code: 'schema-missing' }));
  await expect(migrate({ url, schema, directory: '/nowhere', log })).rejects.toThrow(
    expect.objectContaining({ code: 'migrations-unreadable' }),
  );
});
