import { testDatabase } from '@schoolbell/testing';
import pg from 'pg';
import { expect, it } from 'vitest';
import { readColumns } from './copy.ts';

it('knows of every table of scheduling whether and how it is copied', async () => {
  const database = await testDatabase('scheduling');
  const client = new pg.Client({ connectionString: database.adminUrl });
  await client.connect();
  try {
    const ask = async <Row>(text: string): Promise<Row[]> => (await client.query(text)).rows as Row[];
    expect((await readColumns({ ask })).filter(({ table }) => table === 'lesson').map(({ name }) => name)).toContain('next_action_at');
  } finally {
    await client.end();
    await database.drop();
  }
});
