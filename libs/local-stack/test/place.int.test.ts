// Where Postgres lives, for a user and for root below a folder that nobody else may enter.
import { chmod, lstat, mkdtemp, readFile, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findPlace, removePlace, startPostgres } from '../src/index.ts';

const isRoot = process.getuid?.() === 0;
let data: string;
beforeEach(async () => {
  data = join(await mkdtemp(join(tmpdir(), 'schoolbell-place-')), 'data');
});
afterEach(async () => {
  await removePlace(data);
  await rm(join(data, '..'), { recursive: true, force: true });
});

async function serves(): Promise<string> {
  const place = await findPlace(data);
  const server = await startPostgres({ place, name: 'data', logDirectory: data });
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  const { rows } = await client.query<{ directory: string }>("SELECT current_setting('data_directory') AS directory");
  await client.end();
  await server.stop();
  return rows[0]!.directory;
}

it('keeps everything below the data folder where the account of Postgres may enter it', async () => {
  await chmod(join(data, '..'), 0o755);
  expect(await serves()).toBe(join(data, 'postgres', 'data'));
});

it('goes where its account can enter when only the owner may enter the folder, and is removed from there', async () => {
  await chmod(join(data, '..'), 0o700);
  const directory = await serves();
  if (!isRoot) return expect(directory).toBe(join(data, 'postgres', 'data'));

  expect(directory).toMatch(/^\/var\/lib\/schoolbell-[0-9a-f]{12}\/data$/);
  const outside = join(directory, '..');
  expect(await readFile(join(outside, 'belongs-to'), 'utf8')).toBe(`${data}\n`);
  expect((await lstat(join(data, 'postgres'))).isSymbolicLink()).toBe(true);
  expect(await serves()).toBe(directory);
  await removePlace(data);
  expect(existsSync(outside)).toBe(false);
});
