import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { testDatabase } from '../src/index.ts';

async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

describe('testDatabase', () => {
  it('gives each service its own schema, which no other may see', async () => {
    const database = await testDatabase(['ingest', 'results']);
    await connected(database.url('ingest'), async (client) => {
      expect((await client.query('SHOW search_path')).rows).toEqual([{ search_path: 'ingest' }]);
      await client.query('CREATE TABLE own (value int)');
    });
    await connected(database.url('results'), (client) =>
      expect(client.query('SELECT * FROM ingest.own')).rejects.toThrow(/permission denied for schema ingest/),
    );
    await database.drop();
  });

  it('is empty for each who asks, and lets in only whom it was made for', async () => {
    const [one, two] = await Promise.all([testDatabase('ingest'), testDatabase(['ingest', 'results'])]);
    await connected(one!.url('ingest'), (client) => client.query('CREATE TABLE own (value int)'));
    await connected(two!.url('ingest'), (client) => client.query('CREATE TABLE own (value int)'));
    await expect(connected(one!.url('results'), (client) => client.query('SELECT 1'))).rejects.toThrow(/permission denied for database/);
    await Promise.all([one!.drop(), two!.drop()]);
  });

  it('fails the test that leaves a connection open', async () => {
    const database = await testDatabase('ingest');
    const forgotten = new pg.Client({ connectionString: database.url('ingest'), application_name: 'forgotten' });
    forgotten.on('error', () => undefined);
    await forgotten.connect();
    await expect(database.drop()).rejects.toThrow('leaves connections to its database open: forgotten (ingest)');
    await forgotten.end().catch(() => undefined);
  });
});
