import type { RequestDefinition } from '@schoolbell/contracts';
import type { Fragment } from './events.ts';
import { jsonSchema, keyOf } from './schema.ts';

/** Request-reply: the service named in the second token of the subject answers. */
export function requestOperations({ subject, request, reply, timeoutMs, description }: RequestDefinition): Fragment {
  const channel = keyOf(subject);
  const inbox = `${channel}-reply`;
  const ref = (kind: string): object => ({ [kind]: { $ref: `#/components/messages/${channel}-${kind}` } });
  return {
    channels: {
      [channel]: { address: subject, description: `Answered within ${timeoutMs} ms.`, messages: ref('request') },
      [inbox]: { address: null, description: 'The inbox that the request names.', messages: ref('reply') },
    },
    operations: {
      [`${channel}-answer`]: {
        action: 'receive',
        summary: description,
        tags: [{ name: subject.split('.')[1] }],
        channel: { $ref: `#/channels/${channel}` },
        reply: { channel: { $ref: `#/channels/${inbox}` } },
      },
    },
    messages: {
      [`${channel}-request`]: { contentType: 'application/json', payload: jsonSchema(request) },
      [`${channel}-reply`]: { contentType: 'application/json', payload: jsonSchema(reply) },
    },
  };
}
