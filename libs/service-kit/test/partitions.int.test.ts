import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase, type TestDatabase } from '@schoolbell/testing';
import { parseInstant } from '@schoolbell/time';
import { createDatabase, createLogger, createMetrics, maintainDailyPartitions, type Database } from '../src/index.ts';

let database: TestDatabase;
let db: Database;

beforeAll(async () => {
  database = await testDatabase('ingest');
  const log = createLogger({ service: 'ingest', level: 'silent' });
  db = createDatabase({ url: database.url('ingest'), schema: 'ingest', log, metrics: createMetrics('ingest') });
  await db.pool.query('CREATE TABLE entry (id bigint GENERATED ALWAYS AS IDENTITY, day date NOT NULL, open boolean NOT NULL, PRIMARY KEY (day, id)) PARTITION BY RANGE (day); CREATE TABLE entry_default PARTITION OF entry DEFAULT');
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

const maintain = (now: string, keepWhile?: string) =>
  maintainDailyPartitions(db, { table: 'entry', keepDays: 2, ...(keepWhile && { keepWhile }) }, parseInstant(now));

test('makes the days ahead once, also when all replicas do it at once', async () => {
  const made = await Promise.all([1, 2, 3].map(() => maintain('2026-12-30T23:30:00Z')));
  expect(made.flatMap((result) => result.made)).toEqual(['entry_20261230', 'entry_20261231', 'entry_20270101', 'entry_20270102']);
});

test('drops what is too old, but not while a row must stay', async () => {
  await db.pool.query("INSERT INTO entry (day, open) VALUES ('2026-12-30', true), ('2026-12-31', false)");
  const { dropped } = await maintain('2027-01-04T00:00:00Z', 'open');
  expect(dropped).toEqual(['entry_20261231', 'entry_20270101']);
  await db.pool.query('UPDATE entry SET open = false');
  expect((await maintain('2027-01-04T00:00:00Z', 'open')).dropped).toEqual(['entry_20261230']);
});

test('leaves no series of metrics and no prepared statement per day', async () => {
  await maintain('2027-02-01T00:00:00Z');
  const { rows } = await db.pool.query("SELECT name FROM pg_prepared_statements WHERE name LIKE '%2027%'");
  expect(rows).toEqual([]);
});

test('takes in what came while nobody made partitions', async () => {
  await db.pool.query("INSERT INTO entry (day, open) VALUES ('2027-03-02', true), ('2027-03-02', false), ('2027-03-09', true)");
  expect((await maintain('2027-03-01T00:00:00Z')).made).toContain('entry_20270302');
  const { rows } = await db.pool.query("SELECT tableoid::regclass::text AS place, count(*)::int FROM entry WHERE day > '2027-03-01' GROUP BY 1 ORDER BY 1");
  expect(rows).toEqual([{ place: 'entry_20270302', count: 2 }, { place: 'entry_default', count: 1 }]);
  await db.pool.query("INSERT INTO entry (day, open) VALUES ('2027-03-02', true)");
});
