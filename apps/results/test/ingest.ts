// What ingest and delivery do on NATS, as far as results sees it: the facts that come, and who hears the summaries.
import { jetstream, jetstreamManager, StorageType } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { ingestResultStream, resultsRatingStream, resultsSummaryStream, type RatingUpdatedData, type SummaryUpdatedData } from '@schoolbell/contracts';
import type { Told } from './story.ts';

export interface FakeIngest {
  tell(...events: readonly Told[]): Promise<void>;
  /** Anything on the stream of the results. */
  raw(text: string): Promise<void>;
  /** Messages that results has not confirmed. */
  unconfirmed(): Promise<number>;
  /** All summaries that results has told, in the order of the stream. */
  summaries(): Promise<SummaryUpdatedData[]>;
  /** The newest of each learner. Replicas may tell an older one later. */
  newest(): Promise<Map<string, SummaryUpdatedData>>;
  ratings(): Promise<RatingUpdatedData[]>;
  close(): Promise<void>;
}

export async function startFakeIngest(natsUrl: string): Promise<FakeIngest> {
  const connection = await connect({ servers: natsUrl });
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: ingestResultStream.name, subjects: [...ingestResultStream.subjects], storage: StorageType.File });
  const client = jetstream(connection);

  const heard = async <Data>(stream: string): Promise<Data[]> => {
    const { state } = await manager.streams.info(stream);
    const told: Data[] = [];
    for (let seq = state.first_seq; seq <= state.last_seq; seq += 1) {
      const message = await manager.streams.getMessage(stream, { seq });
      if (message === null) continue;
      // One event, or a batch of them.
      const events = [message.json<{ data: Data } | { data: Data }[]>()].flat() as { data: Data }[];
      told.push(...events.map(({ data }) => data));
    }
    return told;
  };
  return {
    async tell(...events) {
      const publish = ({ id, type, time, data }: Told) =>
        client.publish(type.replace(/\.v1$/, ''), JSON.stringify({ specversion: '1.0', id, source: '/schoolbell/ingest', type, time, data }));
      await Promise.all(events.map(publish));
    },
    raw: async (text) => void (await client.publish('ingest.result.completed', text)),
    async unconfirmed() {
      // By the stream: what the consumer says of what it has not looked at yet may be a moment old.
      const { state } = await manager.streams.info(ingestResultStream.name);
      const { ack_floor } = await manager.consumers.info(ingestResultStream.name, ingestResultStream.durables[0]!.name);
      return state.last_seq - ack_floor.stream_seq;
    },
    summaries: () => heard<SummaryUpdatedData>(resultsSummaryStream.name),
    async newest() {
      const inOrder = (await heard<SummaryUpdatedData>(resultsSummaryStream.name)).sort((a, b) => a.revision - b.revision);
      return new Map(inOrder.map((summary) => [summary.learnerId, summary]));
    },
    ratings: () => heard<RatingUpdatedData>(resultsRatingStream.name),
    close: () => connection.close(),
  };
}
