import { z } from 'zod';
import { readPlainEnvelope } from './plain/events.ts';
import { tryFirst } from './plain/try-first.ts';

const envelope = z.looseObject({
  specversion: z.literal('1.0'),
  id: z.string().min(1).max(200),
  source: z.string().min(1).max(200),
  type: z.string().min(1).max(200),
  subject: z.string().max(400).optional(),
  time: z.iso.datetime(),
  datacontenttype: z.literal('application/json').optional(),
  traceparent: z.string().max(200).optional(),
  causationid: z.string().max(200).optional(),
  data: z.unknown(),
});
export type Envelope = z.infer<typeof envelope>;
/**
 * CloudEvents 1.0 in JSON, the envelope of every fact between services.
 * Unknown attributes are accepted, as the specification asks of consumers (https://cloudevents.io, section 3).
 */
export const Envelope = tryFirst(envelope, readPlainEnvelope);

/** One fact as a contract: its versioned type, the subject it travels on, and the shape of its data. */
export interface EventDefinition<Type extends string = string, Data extends z.ZodType = z.ZodType> {
  /** CloudEvents `type`, versioned: `ingest.result.completed.v1`. */
  readonly type: Type;
  /** NATS subject. */
  readonly subject: string;
  /** Shape of `data`; unknown fields are dropped on reading. */
  readonly data: Data;
  /** One sentence for the generated documents. */
  readonly description: string;
}

/** An event of the given definition, as it travels. */
export type EventOf<Definition extends EventDefinition> = Envelope & {
  type: Definition['type'];
  data: z.infer<Definition['data']>;
};

export function defineEvent<const Type extends string, Data extends z.ZodType>(
  definition: EventDefinition<Type, Data>,
): EventDefinition<Type, Data> {
  return Object.freeze(definition);
}
