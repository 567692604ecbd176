import { randomUUID } from 'node:crypto';
import type { EventDefinition, ServiceName } from '@schoolbell/contracts';
import { formatInstant, type Clock } from '@schoolbell/time';
import type { z } from 'zod';
import { streamOf } from './stream-of.ts';

/** NATS takes 1 MiB by default, headers included. An event above it would stand at the head of its stream for ever. */
export const EVENT_BYTES_MAX = 1_000_000;

/** A fact about to be told. */
export interface NewEvent<Definition extends EventDefinition = EventDefinition> {
  readonly definition: Definition;
  readonly data: z.input<Definition['data']>;
  /** CloudEvents subject: what the fact is about, such as a learner's id. */
  readonly subject?: string | undefined;
  /** Id of the event or request that caused this one. */
  readonly causationId?: string | undefined;
  /** W3C trace context. */
  readonly traceparent?: string | undefined;
}

/** A fact as an outbox row: the text is written once and travels unchanged. */
export interface EncodedEvent {
  readonly id: string;
  readonly stream: string;
  readonly subject: string;
  readonly body: string;
}

export class EventTooLargeError extends Error {
  readonly code = 'event-too-large';
  constructor(type: string, bytes: number) {
    super(`an event ${type} has ${bytes} bytes, and ${EVENT_BYTES_MAX} can be told`);
  }
}

/**
 * Encodes facts of one service as CloudEvents JSON. `data` is trusted: the service built it from checked input.
 * @throws EventTooLargeError, so that the effect which cannot be told does not happen.
 */
export function createEncoder(options: { service: ServiceName; clock: Clock }): (event: NewEvent) => EncodedEvent {
  const source = `/schoolbell/${options.service}`;
  return ({ definition, data, subject, causationId, traceparent }) => {
    const id = randomUUID();
    const body = JSON.stringify({
      specversion: '1.0',
      id,
      source,
      type: definition.type,
      subject,
      time: formatInstant(options.clock.now()),
      datacontenttype: 'application/json',
      traceparent,
      causationid: causationId,
      data,
    });
    const bytes = Buffer.byteLength(body);
    if (bytes > EVENT_BYTES_MAX) throw new EventTooLargeError(definition.type, bytes);
    return { id, stream: streamOf(definition.subject).name, subject: definition.subject, body };
  };
}
