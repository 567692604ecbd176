import { randomUUID } from 'node:crypto';
import type { EventDefinition, ServiceName } from '@schoolbell/contracts';
import { formatInstant, type Clock } from '@schoolbell/time';
import type { z } from 'zod';
import { streamOf } from './stream-of.ts';

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

/** Encodes facts of one service as CloudEvents JSON. `data` is trusted: the service built it from checked input. */
export function createEncoder(options: { service: ServiceName; clock: Clock }): (event: NewEvent) => EncodedEvent {
  const source = `/schoolbell/${options.service}`;
  return ({ definition, data, subject, causationId, traceparent }) => {
    const id = randomUUID();
    return {
      id,
      stream: streamOf(definition.subject).name,
      subject: definition.subject,
      body: JSON.stringify({
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
      }),
    };
  };
}
