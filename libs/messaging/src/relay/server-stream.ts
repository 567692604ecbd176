// What the relay asks of the server about its streams, and how it makes them.
import { DiscardPolicy, JetStreamApiCodes, JetStreamApiError, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import type { StreamDefinition } from '@schoolbell/contracts';
import type { NatsSession } from '../nats/connection.ts';
import type { ObservedDurable, ObservedStream } from './decide.ts';

const MAX_AGE_MS = 14 * 86_400_000;
const MAX_BYTES = 4 * 1024 ** 3;
const DEDUPE_WINDOW_MS = 120_000;

export async function observeStream({ manager }: NatsSession, name: string): Promise<ObservedStream> {
  const info = await orUndefined(manager.streams.info(name), JetStreamApiCodes.StreamNotFound);
  if (info === undefined) return { exists: false };
  return { exists: true, epoch: info.config.metadata?.['epoch'], lastSeq: info.state.last_seq };
}

/** The durables that the contracts name, in their order. */
export function observeDurables({ manager }: NatsSession, { name, durables }: StreamDefinition): Promise<ObservedDurable[]> {
  return Promise.all(
    durables.map(async (durable) => {
      const info = await orUndefined(manager.consumers.info(name, durable.name), JetStreamApiCodes.ConsumerNotFound);
      return info === undefined ? undefined : { ackFloor: info.ack_floor.stream_seq };
    }),
  );
}

/** Make the stream of an epoch, in the place of the one that exists; its durables go with it. */
export async function makeStream({ manager }: NatsSession, { name, subjects }: StreamDefinition, { epoch, exists }: { epoch: string; exists: boolean }): Promise<void> {
  if (exists) await manager.streams.delete(name);
  await manager.streams.add({
    name,
    subjects: [...subjects],
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    storage: StorageType.File,
    max_age: nanos(MAX_AGE_MS),
    max_bytes: MAX_BYTES,
    duplicate_window: nanos(DEDUPE_WINDOW_MS),
    allow_direct: true,
    metadata: { epoch },
  });
}

/** Forget messages up to a sequence. The last sequence of the stream stays what it is. */
export async function purgeStream({ manager }: NatsSession, name: string, upTo: number): Promise<void> {
  await manager.streams.purge(name, { seq: upTo + 1 });
}

/** The value, or undefined when the server answers with that code: the thing does not exist. */
async function orUndefined<T>(answer: Promise<T>, code: number): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === code) return undefined;
    throw error;
  }
}
