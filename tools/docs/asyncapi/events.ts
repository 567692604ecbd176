import { Envelope, STREAMS, type EventDefinition } from '@schoolbell/contracts';
import { jsonSchema, keyOf } from './schema.ts';

/** What one subject adds to the document. */
export interface Fragment {
  readonly channels: object;
  readonly operations: object;
  readonly messages: object;
}

/** The channel of an event, its producer's operation, and one operation per durable that hears it. */
export function eventOperations({ type, subject, data, description }: EventDefinition): Fragment {
  const channel = keyOf(subject);
  const message = keyOf(`${subject}.${type}`);
  const stream = STREAMS.find(({ subjects }) => subjects.some((pattern) => matches(pattern, subject)));
  if (stream === undefined) throw new Error(`no stream takes ${subject}: add it to the streams of contracts`);
  const envelope = jsonSchema(Envelope) as { properties: object };
  const operation = (action: string, service: string): object => ({
    action,
    channel: { $ref: `#/channels/${channel}` },
    tags: [{ name: service }],
  });
  return {
    channels: {
      [channel]: {
        address: subject,
        description: `Stream \`${stream.name}\`. A message is one event, or an array of events: CloudEvents' JSON batch format.`,
        messages: { [message]: { $ref: `#/components/messages/${message}` } },
      },
    },
    operations: {
      [keyOf(`${stream.producer} tells ${subject}`)]: operation('send', stream.producer),
      ...Object.fromEntries(
        stream.durables.map(({ name, service }) => [keyOf(`${service} ${name} hears ${subject}`), operation('receive', service)]),
      ),
    },
    messages: {
      [message]: {
        name: type,
        summary: description,
        contentType: 'application/cloudevents+json',
        payload: { ...envelope, properties: { ...envelope.properties, type: { const: type }, data: jsonSchema(data) } },
      },
    },
  };
}

/** NATS wildcards: `*` is one token, `>` the rest. */
export function matches(pattern: string, subject: string): boolean {
  const expected = pattern.split('.');
  const given = subject.split('.');
  const rest = expected.indexOf('>');
  const until = rest === -1 ? expected.length : rest;
  const longEnough = rest === -1 ? given.length === until : given.length > until;
  return longEnough && expected.slice(0, until).every((token, index) => token === '*' || token === given[index]);
}
