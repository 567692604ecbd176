import { testDatabase, type TestDatabase } from '@schoolbell/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogAdapter } from './adapter.ts';
import { nextNumber } from './commands.ts';
import { modelledTables } from './compare.ts';
import { differences } from './engine.ts';

const SCHEMA = 'bells';
const HEAD = `
generator client {
  provider = "prisma-client"
  output   = "../src/generated"
}
datasource db {
  provider = "postgresql"
}
`;
const model = (more = ''): string => `${HEAD}
model Bell {
  id   Int    @id @default(autoincrement())
  name String @unique
  ${more}
  @@map("bell")
}
`;

describe('a schema file beside the database of its migrations', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase([]);
    const client = new pg.Client({ connectionString: database.adminUrl });
    await client.connect();
    await client.query(`CREATE SCHEMA ${SCHEMA}; SET search_path = ${SCHEMA};
      CREATE TABLE bell (id serial PRIMARY KEY, name text NOT NULL UNIQUE, CHECK (name <> ''));
      CREATE TABLE by_hand (day date NOT NULL) PARTITION BY RANGE (day);
      CREATE INDEX some_bells ON bell (name) WHERE name LIKE 'a%';`);
    await client.end();
  });
  afterAll(() => database.drop());

  const compared = (content: string, as: 'sql' | 'text', externalTables = [`${SCHEMA}.by_hand`]) =>
    differences({ adapter: catalogAdapter(database.adminUrl, SCHEMA), file: { path: 'schema.prisma', content }, externalTables, as });

  it('agrees when it models what is there, whatever else SQL has made', async () => {
    expect(await compared(model(), 'text')).toBeUndefined();
  });
  it('names a column that no migration makes, and writes the migration', async () => {
    expect(await compared(model('tone String?'), 'text')).toMatch(/\[\*\] Changed the `bell` table[^]*Added column `tone`/);
    expect(await compared(model('tone String?'), 'sql')).toContain('ALTER TABLE "bell" ADD COLUMN     "tone" TEXT;');
  });
  it('names a column that the schema file has forgotten', async () => {
    expect(await compared(model().replace(/name .*/, ''), 'text')).toContain('Removed column `name`');
  });
  it('names a table that nobody has declared to be external', async () => {
    expect(await compared(model(), 'text', [])).toContain('by_hand');
  });
});

it('finds the tables of the models', () => {
  expect([...modelledTables(`${model()}\nmodel Tower {\n  id Int @id\n}`)]).toEqual(['bell', 'Tower']);
});
it.each([
  [[], '0001'],
  [['0001_messaging', '0002_delivery', 'migration_lock.toml'], '0003'],
])('numbers the migration after %j as %s', (names, number) => expect(nextNumber(names)).toBe(number));
