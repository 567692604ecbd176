// kill -9 with requests in flight: their leases are the record that they began.
import { startNats, startReceiver, testDatabase, waitFor, type Receiver, type RunningNats, type TestDatabase } from '@schoolbell/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inspect, startTestDelivery, type Inspector, type TestDelivery } from './delivery.ts';
import { spawnDelivery, type DeliveryProcess } from './process.ts';
import { startFakeResults, type FakeResults } from './results.ts';

let database: TestDatabase;
let nats: RunningNats;
let receiver: Receiver;
let results: FakeResults;
let inspector: Inspector;
let victim: DeliveryProcess | undefined;
let survivor: TestDelivery | undefined;

beforeAll(async () => {
  [database, nats, receiver] = await Promise.all([testDatabase('delivery'), startNats(), startReceiver()]);
  results = await startFakeResults(nats.url);
  inspector = inspect(database.url('delivery'));
});
afterAll(async () => {
  receiver?.behave({ kind: 'status', status: 200 });
  await victim?.kill();
  await survivor?.stop();
  await inspector?.close();
  await results?.close();
  await receiver?.stop();
  await nats?.stop();
  await database?.drop();
});

it('what was in flight is sent again when its lease has run out, and nothing else is sent twice', async () => {
  const options = {
    databaseUrl: database.url('delivery'),
    natsUrl: nats.url,
    configuration: { receiverUrl: receiver.url, destination: { timeoutMs: 1_000, concurrency: 4 } },
  };
  receiver.behave(({ summary }) => (summary?.learnerId.startsWith('u-slow') ? { kind: 'hang' } : { kind: 'status', status: 200 }));
  victim = await spawnDelivery(options);
  await results.summaries(Array.from({ length: 20 }, (_, n) => [`u-done-${n}`, 1] as const));
  await waitFor('the quick ones are written down', async () => (await inspector.sql('SELECT FROM wanted WHERE sent_revision = 1')).length === 20);
  await results.summaries([['u-slow-1', 1], ['u-slow-2', 1]]);
  await waitFor('two requests hang', () => receiver.requests.length === 22);
  await victim.kill();
  victim = undefined;
  expect((await inspector.wanted('u-slow-1'))?.lease_until).not.toBeNull();

  // A newer revision comes while the lease of a dead process still stands.
  receiver.behave({ kind: 'status', status: 200 });
  survivor = await startTestDelivery(options);
  await results.summary('u-slow-2', 2);
  await waitFor('both arrive', () => receiver.newest('u-slow-1')?.revision === 1 && receiver.newest('u-slow-2')?.revision === 2);
  await waitFor('everything is delivered', async () => (await inspector.undelivered()) === 0);
  expect(receiver.requests).toHaveLength(24);
  expect(receiver.violations).toEqual([]);
  expect(await inspector.wanted('u-slow-2')).toMatchObject({ wanted_revision: '2', sent_revision: '2' });
});
