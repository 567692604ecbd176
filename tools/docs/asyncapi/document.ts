import { DIRECT_ALERT_WILDCARD, SERVICE_NAMES, STREAMS } from '@schoolbell/contracts';
import { eventOperations, type Fragment } from './events.ts';
import { knownEvents, knownRequests } from './inventory.ts';
import { requestOperations } from './requests.ts';

/** The NATS side as one AsyncAPI 3 document: every subject, who tells on it, who hears it. */
export function asyncApiDocument(): object {
  const fragments: Fragment[] = [...knownEvents().map(eventOperations), ...knownRequests().map(requestOperations)];
  const collect = (part: keyof Fragment): object => Object.assign({}, ...fragments.map((fragment) => fragment[part])) as object;
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Schoolbell events',
      version: '1',
      description: [
        'Facts between the services travel as CloudEvents 1.0 (JSON) through NATS JetStream.',
        'A consumer accepts unknown fields; an unknown version becomes a dead letter.',
        `Alerts about the database or JetStream themselves go over plain NATS, subject \`${DIRECT_ALERT_WILDCARD}\`.`,
        '',
        'Streams (limits retention, one producer each) and their durable consumers:',
        '',
        ...STREAMS.map(({ name, producer, subjects, durables }) => {
          const heard = durables.map((durable) => `\`${durable.name}\` of ${durable.service}`).join(', ');
          return `- \`${name}\` of ${producer}: ${subjects.map((subject) => `\`${subject}\``).join(', ')}; ${heard || 'no durable consumer'}`;
        }),
      ].join('\n'),
      license: { name: 'Apache-2.0' },
      tags: SERVICE_NAMES.map((name) => ({ name })),
    },
    defaultContentType: 'application/cloudevents+json',
    channels: collect('channels'),
    operations: collect('operations'),
    components: { messages: collect('messages') },
  };
}
