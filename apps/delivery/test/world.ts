import { startNats, startReceiver, testDatabase, waitFor, type Receiver, type TestConfigurationOptions, type TestDatabase } from '@schoolbell/testing';
import { inspect, startTestDelivery, type Inspector, type TestDelivery } from './delivery.ts';
import { startFakeResults, type FakeResults } from './results.ts';

/** Everything around delivery for one test file: database, NATS, results, the client's server, and replicas of it. */
export interface World {
  readonly databaseUrl: string;
  readonly natsUrl: string;
  readonly receiver: Receiver;
  readonly results: FakeResults;
  readonly inspector: Inspector;
  readonly delivery: TestDelivery;
  readonly replicas: readonly TestDelivery[];
  /** Everything that was told has been taken in, and everything that is wanted is delivered. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export async function createWorld(options: Pick<TestConfigurationOptions, 'organization' | 'destination'> & { replicas?: number; makeDatabase?: () => Promise<TestDatabase> } = {}): Promise<World> {
  const { makeDatabase = () => testDatabase('delivery') } = options;
  const [database, nats, receiver] = await Promise.all([makeDatabase(), startNats(), startReceiver()]);
  const databaseUrl = database.url('delivery');
  const results = await startFakeResults(nats.url);
  const inspector = inspect(databaseUrl);
  const configuration = { receiverUrl: receiver.url, ...(options.organization && { organization: options.organization }), ...(options.destination && { destination: options.destination }) };
  const replicas: TestDelivery[] = [];
  for (let n = 0; n < (options.replicas ?? 1); n += 1) replicas.push(await startTestDelivery({ databaseUrl, natsUrl: nats.url, configuration }));
  return {
    databaseUrl,
    natsUrl: nats.url,
    receiver,
    results,
    inspector,
    delivery: replicas[0]!,
    replicas,
    async settled() {
      await waitFor('all events are confirmed', async () => (await results.unconfirmed()) === 0);
      await waitFor('everything is delivered', async () => (await inspector.undelivered()) === 0);
    },
    async close() {
      // A hanging answer would hold the end up until its deadline.
      receiver.behave({ kind: 'status', status: 204 });
      await Promise.all(replicas.map((replica) => replica.stop()));
      await inspector.close();
      await results.close();
      await receiver.stop();
      await nats.stop();
      await database.drop();
    },
  };
}
