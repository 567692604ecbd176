import type { OutgoingHttpHeaders } from 'node:http';
import { Problem, subjectOf, type Database, type HttpServer, type PersonGuard } from '@schoolbell/service-kit';
import { formatInstant, type Clock } from '@schoolbell/time';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { readNames } from '../contacts/store.ts';
import type { Links } from '../links/links.ts';
import { hasWords } from '../notices/decide.ts';
import type { Notice } from '../notices/notice.ts';
import { peopleNamed } from '../notices/store.ts';
import { STREAMS_PER_READER_MAX, type Live } from './live.ts';
import { markRead, markReadUpTo, newestOf, readPage, unreadOf } from './store.ts';
import { createOutlet } from './stream.ts';
import { mintTicket, TICKET_PATTERN, useTicket } from './tickets.ts';
import { NoticeView, noticeView } from './view.ts';

const PAGE_MAX = 100;
const Id = z.string().regex(/^\d{1,18}$/, 'a number');
const Unread = z.object({ unread: z.int() });
const RETRY_AFTER_SECONDS = '5';

export interface InboxRoutesDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly live: Live;
  readonly links: Pick<Links, 'answer'>;
}

/** What a participant was told, for the participant alone. */
export function inboxRoutes(app: HttpServer, guard: PersonGuard, { db, clock, live, links }: InboxRoutesDeps): void {
  const tags = ['inbox'];
  const own = { config: { access: 'own' }, onRequest: guard('teacher', 'student', 'partner', 'manager') } as const;
  const readerOf = (request: FastifyRequest): string => subjectOf(request).id;
  const unread = async (readerId: string): Promise<{ unread: number }> => ({ unread: (await unreadOf(db, [readerId])).get(readerId) ?? 0 });

  async function show(notices: readonly Notice[]): Promise<NoticeView[]> {
    const shown = notices.filter(hasWords);
    const names = await readNames(db, shown.flatMap(peopleNamed));
    return shown.map((notice) => noticeView(notice, names, clock.now(), links.answer(notice)));
  }

  app.get('/v1/inbox', {
    ...own,
    schema: {
      tags, summary: 'Notices, newest first, and how many are unread',
      description: 'Go on while there is a `next`: a page has fewer notices than its limit where only a newer release has words for one.',
      querystring: z.object({
        after: Id.optional().describe('`next` of the page before'),
        state: z.enum(['all', 'unread']).default('all'),
        limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(20),
      }),
      response: { 200: Unread.extend({ items: z.array(NoticeView), next: z.string().nullable() }) },
    },
  }, async (request) => {
    const { after, state, limit } = request.query;
    const readerId = readerOf(request);
    const [notices, count] = await Promise.all([readPage(db, readerId, { before: after, unreadOnly: state === 'unread', limit }), unread(readerId)]);
    return { ...count, items: await show(notices), next: notices.length === limit ? (notices.at(-1)?.id ?? null) : null };
  });

  app.post('/v1/inbox/:id/read', {
    ...own, schema: { tags, params: z.object({ id: Id }), summary: 'Mark one notice as read', response: { 200: Unread } },
  }, async (request) => {
    const readerId = readerOf(request);
    if (await db.transaction((tx) => markRead(tx, readerId, request.params.id, clock.now()))) return unread(readerId);
    throw new Problem({ status: 404, code: 'notice-unknown', title: 'There is no such notice in your inbox.', detail: 'List them at /v1/inbox.' });
  });

  app.post('/v1/inbox/read-all', {
    ...own,
    schema: {
      tags, summary: 'Mark everything as read, up to the newest notice that was seen', body: z.strictObject({ upTo: Id }), response: { 200: Unread },
    },
  }, async (request) => {
    const readerId = readerOf(request);
    await db.transaction((tx) => markReadUpTo(tx, readerId, request.body.upTo, clock.now()));
    return unread(readerId);
  });

  app.post('/v1/inbox/tickets', {
    ...own,
    schema: {
      tags, summary: 'A ticket that opens the live inbox once, within half a minute',
      response: { 201: z.object({ ticket: z.string(), expiresAt: z.iso.datetime(), path: z.string() }) },
    },
  }, async (request, reply) => {
    const { ticket, expiresAtMs } = await db.transaction((tx) => mintTicket(tx, readerOf(request), clock.now()));
    return reply.code(201).send({ ticket, expiresAt: formatInstant(expiresAtMs), path: `/v1/inbox/stream?ticket=${ticket}` });
  });

  const StreamQuery = z.object({
    ticket: z.string().regex(TICKET_PATTERN, 'a ticket').optional().describe('In place of the bearer token'),
    after: Id.optional().describe('Notices after this id come first; Last-Event-ID counts more. Default: only what is new'),
  });
  const bearer = guard('teacher', 'student', 'partner', 'manager');

  app.get('/v1/inbox/stream', {
    config: { access: 'own' },
    schema: {
      tags, querystring: StreamQuery, summary: 'The inbox live, as server-sent events',
      description: 'Events `notice` (with an id, to resume from with Last-Event-ID or `after`) and `unread`. A ticket is used up by opening: come again with a new one.',
    },
  }, async (request, reply) => {
    const { ticket, after } = request.query;
    const readerId = ticket === undefined ? (await bearer(request), readerOf(request)) : await useTicket(db, ticket, clock.now());
    if (readerId === undefined) throw ticketInvalid();
    const from = lastEventId(request) ?? after ?? (await newestOf(db, readerId));
    const end = live.open(readerId, from, () => {
      reply.hijack();
      return createOutlet(reply.raw, reply.getHeaders() as OutgoingHttpHeaders, show);
    });
    if (end === undefined) throw tooManyStreams();
    reply.raw.once('close', end);
  });

  app.addHook('preClose', async () => {
    live.close();
  });
}

function lastEventId({ headers }: FastifyRequest): string | undefined {
  const id = headers['last-event-id'];
  return typeof id === 'string' && Id.safeParse(id).success ? id : undefined;
}

const ticketInvalid = (): Problem =>
  new Problem({ status: 401, code: 'ticket-invalid', title: 'The ticket opens nothing.', detail: 'Get a new one: POST /v1/inbox/tickets. Each opens one stream.' });

const tooManyStreams = (): Problem => new Problem({
  status: 429, code: 'too-many-streams', title: 'Too many live inboxes are open.', headers: { 'retry-after': RETRY_AFTER_SECONDS },
  detail: `Close one: a person has at most ${STREAMS_PER_READER_MAX}. Without one, read /v1/inbox.`,
});
