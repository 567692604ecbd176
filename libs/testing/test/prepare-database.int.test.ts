// Here and not beside it: only this library has a server to ask.
import { prepareDatabase } from '@schoolbell/local-stack';
import { expect, it } from 'vitest';
import { testDatabase } from '../src/index.ts';

const prepare = (adminUrl: string) => prepareDatabase({ adminUrl, database: 'of_nobody', services: ['ingest'] });

it('says in a sentence that a role may not prepare a database', async () => {
  const database = await testDatabase('ingest');
  await expect(prepare(database.url('ingest'))).rejects.toMatchObject({
    code: 'postgres-privilege',
    message: expect.stringMatching(/permission denied to create database.*may create databases, roles and extensions/),
  });
  await database.drop();
});

it('says so when nobody answers, and when there is no address, without the password in it', async () => {
  await expect(prepare('postgresql://me:hidden@127.0.0.1:1/postgres')).rejects.toMatchObject({ code: 'postgres-unreachable', message: expect.stringContaining('start it') });
  const wrong = await prepare('postgresql://me:hidden@host:port/postgres').catch((error: unknown) => error);
  expect(wrong).toMatchObject({ code: 'postgres-address', message: expect.stringContaining('postgresql://postgres:password@') });
  expect(String(wrong)).not.toContain('hidden');
});
