import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLogger } from '@schoolbell/service-kit';
import { startWire, testDatabase, waitFor, type TestDatabase, type Wire } from '@schoolbell/testing';
import { becomeLeader } from '../src/relay/leader.ts';

const now = { name: 'leader_now', text: 'SELECT now()' };
const log = createLogger({ service: 'ingest', level: 'silent' });

let database: TestDatabase;
let wire: Wire;
beforeAll(async () => {
  database = await testDatabase('ingest');
  wire = await startWire(database.url('ingest'));
});
afterAll(async () => {
  wire.stop();
  await database.drop();
});

it('loses the lead when the server hangs, so that what waits for it goes on', async () => {
  const stopping = new AbortController();
  const leader = await becomeLeader({ url: wire.url, schema: 'ingest', name: 'relay', channel: 'relay', log, signal: stopping.signal, silenceMs: 200 });
  expect(await leader?.query(now, [])).toHaveLength(1);
  wire.hang();
  await expect(leader?.query(now, [])).rejects.toThrow('Query read timeout');
  await waitFor('the lead to be lost', () => leader?.lost.aborted);
  await leader?.release();
});
