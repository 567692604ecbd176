import type { Database } from '@schoolbell/service-kit';
import type { EventConsumer } from '../consume/consumer.ts';
import type { Refusal } from '../consume/batch.ts';
import { findDeadLetter } from './store.ts';

/** What became of a dead letter that was to be handled again. */
export type Replayed =
  | { readonly kind: 'replayed' | 'closed-before' }
  | { readonly kind: 'unknown' }
  /** No consumer of this version handles such events. */
  | { readonly kind: 'consumer-gone'; readonly durable: string }
  | { readonly kind: 'still-refused'; readonly refusal: Refusal };

export interface DeadLetterDeps {
  readonly db: Database;
  readonly consumers: () => readonly Pick<EventConsumer, 'durable' | 'replay'>[];
}

/** Handle a parked event again and close its row: the one way for HTTP and for NATS. */
export async function replayDeadLetter({ db, consumers }: DeadLetterDeps, id: string): Promise<Replayed> {
  const letter = await findDeadLetter(db, id);
  if (letter === undefined) return { kind: 'unknown' };
  const consumer = consumers().find(({ durable }) => durable === letter.durable);
  if (consumer === undefined) return { kind: 'consumer-gone', durable: letter.durable };
  const outcome = await consumer.replay({ id, body: letter.body });
  return typeof outcome === 'string' ? { kind: outcome } : { kind: 'still-refused', refusal: outcome };
}
