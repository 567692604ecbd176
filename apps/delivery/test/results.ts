// What results does on NATS, as far as delivery sees it: the streams, and the facts on them.
import { randomUUID } from 'node:crypto';
import { jetstream, jetstreamManager, StorageType } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { resultsRatingStream, resultsRatingUpdated, resultsSummaryStream, resultsSummaryUpdated } from '@schoolbell/contracts';
import { summaryBody, TEST_ORGANIZATION } from './delivery.ts';

export interface FakeResults {
  readonly connection: NatsConnection;
  summary(learnerId: string, revision: number, organizationId?: string): Promise<void>;
  summaries(list: readonly (readonly [learnerId: string, revision: number])[]): Promise<void>;
  rating(revision: number, courseId?: string): Promise<void>;
  /** Anything on the stream of the summaries. */
  raw(text: string): Promise<void>;
  /** Messages that delivery has not confirmed. */
  unconfirmed(): Promise<number>;
  close(): Promise<void>;
}

export async function startFakeResults(natsUrl: string): Promise<FakeResults> {
  const connection = await connect({ servers: natsUrl });
  const manager = await jetstreamManager(connection);
  for (const { name, subjects } of [resultsSummaryStream, resultsRatingStream]) {
    await manager.streams.add({ name, subjects: [...subjects], storage: StorageType.File });
  }
  const client = jetstream(connection);
  const envelope = (type: string, data: object): string =>
    JSON.stringify({ specversion: '1.0', id: randomUUID(), source: '/schoolbell/results', type, time: '2026-11-21T05:30:00.000Z', data });
  const tell = async (learnerId: string, revision: number, organizationId = TEST_ORGANIZATION): Promise<void> => {
    const data = { organizationId, learnerId, revision, body: summaryBody(learnerId, revision) };
    await client.publish(resultsSummaryUpdated.subject, envelope(resultsSummaryUpdated.type, data));
  };
  return {
    connection,
    summary: tell,
    async summaries(list) {
      for (let from = 0; from < list.length; from += 200) {
        await Promise.all(list.slice(from, from + 200).map(([learnerId, revision]) => tell(learnerId, revision)));
      }
    },
    async rating(revision, courseId) {
      const body = JSON.stringify({ type: 'organization.rating.updated', timestamp: '2026-11-21T05:30:00.000Z', data: { organizationId: TEST_ORGANIZATION, ...(courseId && { courseId }), revision, learners: 0, changes: [] } });
      const data = { organizationId: TEST_ORGANIZATION, ...(courseId && { courseId }), revision, body };
      await client.publish(resultsRatingUpdated.subject, envelope(resultsRatingUpdated.type, data));
    },
    raw: async (text) => void (await client.publish(resultsSummaryUpdated.subject, text)),
    async unconfirmed() {
      // By the stream: what the consumer says of what it has not looked at yet may be a moment old.
      const { state } = await manager.streams.info(resultsSummaryStream.name);
      const { ack_floor } = await manager.consumers.info(resultsSummaryStream.name, resultsSummaryStream.durables[0]!.name);
      return state.last_seq - ack_floor.stream_seq;
    },
    close: () => connection.close(),
  };
}
