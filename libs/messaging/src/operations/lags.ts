import type { DurableDefinition, StreamDefinition } from '@schoolbell/contracts';
import type { Database } from '@schoolbell/service-kit';
import { waitMs } from '@schoolbell/time';
import type { Nats } from '../nats/connection.ts';
import type { Ledger } from '../relay/ledger.ts';

/** Below the deadline of whoever asked: a lag that cannot be told must not keep the rest. */
const ANSWER_WITHIN_MS = 1_500;

export interface Lag {
  readonly name: string;
  readonly kind: 'consumer' | 'outbox';
  /** Undefined if NATS or Postgres did not say in time. */
  readonly waiting: number | undefined;
  /** Of a consumer: up to which message of the stream all are confirmed. */
  readonly confirmed?: number | undefined;
}

/** Something a service reads from a stream. */
export interface Consumed {
  readonly stream: StreamDefinition;
  readonly durable: DurableDefinition;
}

/** Events that wait for a consumer: not delivered yet, or delivered and not confirmed. */
export async function consumerLag(nats: Nats, { stream, durable }: Consumed): Promise<Lag> {
  const info = await inTime(async () => nats.connected() ? nats.current()?.manager.consumers.info(stream.name, durable.name) : undefined);
  return { name: durable.name, kind: 'consumer', waiting: info === undefined ? undefined : info.num_pending + info.num_ack_pending, confirmed: info?.ack_floor.stream_seq };
}

/** Committed events that have not reached their stream. */
export async function outboxLag(db: Database, { name, ledger }: { name: string; ledger: Ledger }): Promise<Lag> {
  return { name, kind: 'outbox', waiting: await inTime(() => ledger.backlog(db)) };
}

/** The answer, or undefined if it fails or takes too long. */
export async function inTime<T>(ask: () => Promise<T>): Promise<T | undefined> {
  const answered = new AbortController();
  try {
    return await Promise.race([ask().catch(() => undefined), waitMs(ANSWER_WITHIN_MS, answered.signal).then(() => undefined)]);
  } finally {
    answered.abort();
  }
}
