import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase, type TestDatabase } from '@schoolbell/testing';
import pg from 'pg';
import { provision } from '../src/index.ts';

const services = [
  { name: 'kit_one', password: "it's \\ quoted" },
  { name: 'kit_two', password: 'two' },
];
let databases: TestDatabase[];
let admin: pg.Client;

beforeAll(async () => {
  databases = await Promise.all([testDatabase('ingest'), testDatabase('ingest')]);
  admin = new pg.Client(databases[0]!.adminUrl);
  await admin.connect();
});
afterAll(async () => {
  for (const database of databases) {
    const client = new pg.Client(database.adminUrl);
    await client.connect();
    await client.query('DROP OWNED BY kit_one, kit_two');
    await client.end();
  }
  await admin.query('DROP ROLE kit_one, kit_two');
  await admin.end();
  await Promise.all(databases.map((database) => database.drop()));
});

async function as(name: string, sql: string, password: string): Promise<unknown> {
  const url = Object.assign(new URL(databases[0]!.adminUrl), { username: name, password: encodeURIComponent(password) });
  const client = new pg.Client(url.href);
  await client.connect();
  try {
    return (await client.query(sql)).rows as unknown;
  } catch (error) {
    return (error as { code?: string }).code;
  } finally {
    await client.end();
  }
}
const one = (sql: string): Promise<unknown> => as('kit_one', sql, services[0]!.password);

test('can be repeated, and in two databases of one server at once', async () => {
  for (let round = 0; round < 3; round += 1) {
    await Promise.all(databases.map(({ adminUrl }) => provision({ adminUrl, services })));
  }
});

test('a role works in its schema without naming it, and sees no other', async () => {
  expect(await one('CREATE TABLE own (id int); SELECT 1')).not.toBe('42501');
  await as('kit_two', 'CREATE TABLE secret (id int)', 'two');
  expect(await one('SELECT schemaname, tableowner FROM pg_tables WHERE tablename = $$own$$')).toEqual([{ schemaname: 'kit_one', tableowner: 'kit_one' }]);
  expect(await one('SELECT * FROM kit_two.secret')).toBe('42501');
  expect(await one('CREATE TABLE public.stray (id int)')).toBe('42501');
  expect(await one('CREATE ROLE stray')).toBe('42501');
});

test('an exclusion over a scalar and a range works without further rights', async () => {
  const sql = 'CREATE TABLE slot (who text, claim text, during tstzrange, EXCLUDE USING gist (who WITH =, claim WITH <>, during WITH &&)); SELECT 1';
  expect(await one(sql)).not.toEqual(expect.any(String));
});

test('a name that is no name is refused', async () => {
  await expect(provision({ adminUrl: databases[0]!.adminUrl, services: [{ name: 'x"; --', password: 'x' }] })).rejects.toThrow(RangeError);
});
