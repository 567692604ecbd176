import { requireScope, type HttpServer } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import { z } from 'zod';
import { instantOrNull, type ChatStatus } from './queue-status.ts';

const ChatView = z.object({
  id: z.string(),
  name: z.string(),
  state: z.enum(['ok', 'failing', 'unreachable']).describe('`unreachable`: the chat refuses the bot or does not exist.'),
  lastError: z.string().nullable(),
  waiting: z.int().describe('What waits to be told.'),
  oldestAt: z.iso.datetime().nullable(),
  nextAttemptAt: z.iso.datetime(),
});

export interface ChatRoutesDeps {
  readonly chats: () => readonly { readonly id: string; readonly name: string }[];
  readonly status: (ids: readonly string[]) => Promise<ChatStatus[]>;
}

/** Whom the notifier tells, and what they have not heard yet. */
export function chatRoutes(app: HttpServer, deps: ChatRoutesDeps): void {
  app.get(
    '/v1/chats',
    {
      onRequest: requireScope('alerts:read'),
      schema: { tags: ['alerts'], summary: 'Chats and what waits for them', response: { 200: z.object({ items: z.array(ChatView) }) } },
    },
    async () => {
      const names = new Map(deps.chats().map(({ id, name }) => [id, name]));
      const items = await deps.status([...names.keys()]);
      return {
        items: items.map(({ oldestMs, nextMs, ...rest }) => ({
          ...rest,
          name: names.get(rest.id) ?? rest.id,
          oldestAt: instantOrNull(oldestMs),
          nextAttemptAt: formatInstant(nextMs),
        })),
      };
    },
  );
}
