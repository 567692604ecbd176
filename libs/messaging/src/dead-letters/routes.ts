import { Problem, requireScope, type HttpServer } from '@schoolbell/service-kit';
import { z } from 'zod';
import { replayDeadLetter, type DeadLetterDeps } from './replay.ts';
import { findDeadLetter, listDeadLetters } from './store.ts';

const DeadLetterView = z.object({
  id: z.uuid(),
  durable: z.string(),
  eventId: z.string(),
  type: z.string(),
  code: z.string(),
  detail: z.string(),
  state: z.enum(['open', 'replayed']),
  createdAt: z.iso.datetime(),
  closedAt: z.iso.datetime().nullable(),
});

const PAGE_MAX = 200;

/**
 * The dead letters of a service: list, show, replay. Some are no events at all, so that nobody can say whose they are: a
 * token that is restricted to organizations sees none.
 */
export function deadLetterRoutes(app: HttpServer, deps: DeadLetterDeps): void {
  const tags = ['dead letters'];

  app.get(
    '/v1/dead-letters',
    {
      onRequest: requireScope('dead-letters:read', { everyOrganization: true }),
      schema: {
        tags,
        summary: 'Events that could not be handled, oldest first',
        querystring: z.object({
          state: z.enum(['open', 'replayed']).default('open'),
          after: z.uuid().optional().describe('`next` of the page before'),
          limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(50),
        }),
        response: { 200: z.object({ items: z.array(DeadLetterView), next: z.uuid().nullable() }) },
      },
    },
    async (request) => {
      const { state, after, limit } = request.query;
      const items = await listDeadLetters(deps.db, { state, after: after ?? null, limit });
      return { items: [...items], next: items.length === limit ? (items.at(-1)?.id ?? null) : null };
    },
  );

  app.get(
    '/v1/dead-letters/:id',
    {
      onRequest: requireScope('dead-letters:read', { everyOrganization: true }),
      schema: {
        tags,
        summary: 'One event that could not be handled, with its text',
        params: z.object({ id: z.uuid() }),
        response: { 200: DeadLetterView.extend({ body: z.string() }) },
      },
    },
    async (request) => {
      const { body, ...letter } = await found(request.params.id);
      return { ...letter, body: body.toString('utf8') };
    },
  );

  app.post(
    '/v1/dead-letters/:id/replay',
    {
      onRequest: requireScope('dead-letters:replay', { everyOrganization: true }),
      schema: {
        tags,
        summary: 'Handle the event again and close its row',
        params: z.object({ id: z.uuid() }),
        response: { 200: z.object({ id: z.uuid(), outcome: z.enum(['replayed', 'closed-before']) }) },
      },
    },
    async (request) => {
      const { id } = request.params;
      const replayed = await replayDeadLetter(deps, id);
      switch (replayed.kind) {
        case 'replayed':
        case 'closed-before':
          return { id, outcome: replayed.kind };
        case 'unknown':
          throw unknown();
        case 'consumer-gone':
          throw new Problem({ status: 409, code: 'consumer-gone', title: 'Nobody handles these events any more', detail: `No consumer "${replayed.durable}" in this version.` });
        case 'still-refused':
          throw new Problem({ status: 409, code: 'still-refused', title: 'The event is still refused', detail: `${replayed.refusal.code}: ${replayed.refusal.detail}` });
      }
    },
  );

  async function found(id: string) {
    const letter = await findDeadLetter(deps.db, id);
    if (letter === undefined) throw unknown();
    return letter;
  }
}

const unknown = (): Problem => new Problem({ status: 404, code: 'dead-letter-unknown', title: 'No such dead letter', detail: 'List them at /v1/dead-letters.' });
