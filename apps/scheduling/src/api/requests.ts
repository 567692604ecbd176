import { randomUUID } from 'node:crypto';
import type { HttpServer, Subject } from '@schoolbell/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { forbidden, subjectOf, type Guard } from '../access/guard.ts';
import { maySee } from '../lessons/access.ts';
import type { Command } from '../moves/commands.ts';
import type { Actor, MoveRequest } from '../moves/state.ts';
import { findRequest, requestsFor } from '../requests/query.ts';
import { performIn, type Performed } from '../store/perform.ts';
import { answerPost, ok, problem } from './answer.ts';
import type { ApiDeps } from './deps.ts';
import { cursorOf, cursorText } from './cursor.ts';
import { readerOf, ReaderQuery } from './reader.ts';
import { refused, stale, unknown, unknownThing } from './problems.ts';
import { Conditional, NewTime, newTime, Reason, Uuid, versionOf, Without } from './schemas.ts';
import { RequestView, requestView, waitingFor } from './views.ts';

const params = z.object({ id: Uuid });
const Offer = z.int().min(1).describe('Number of the offer that is answered: a newer one is not touched');
const PAGE_MAX = 100;

/** The roles that negotiate are the actor's own; staff acts as manager. */
export const actorOf = ({ id, role }: Subject): Actor => ({ id, role: role === 'admin' ? 'manager' : role });

export function requestRoutes(app: HttpServer, guard: Guard, deps: ApiDeps): void {
  const { db } = deps;
  const tags = ['move requests'];
  const config = { access: 'own' } as const;
  const people = guard('teacher', 'student', 'partner');

  /** One command of the design, by its path. */
  function command<Body extends z.ZodType>(
    path: string, summary: string, body: Body, toCommand: (body: z.infer<Body>, id: string, by: Actor) => Command, status = 200,
  ): void {
    app.post(path, {
      config, onRequest: people,
      schema: { tags, summary, params, headers: Conditional, querystring: ReaderQuery, body, response: { [status]: RequestView } },
    }, async (request, reply) => {
      const by = actorOf(subjectOf(request));
      const { id } = request.params as { id: string };
      return carryOut(deps, request, reply, toCommand(request.body as z.infer<Body>, id, by), status);
    });
  }

  command('/v1/lessons/:id/requests', 'Ask to move a lesson, or the series from it on',
    z.strictObject({ scope: z.enum(['lesson', 'series']).default('lesson'), to: NewTime, without: Without }),
    ({ scope, to, without }, lessonId, by) => ({ type: 'request', requestId: randomUUID(), scope, lessonId, to: newTime(to), without, by }), 201);
  command('/v1/requests/:id/propose', 'A new time for a lesson that awaits one', z.strictObject({ to: NewTime }),
    ({ to }, requestId, by) => ({ type: 'propose', requestId, to: newTime(to), by }));
  command('/v1/requests/:id/approve', 'Agree to the open offer', z.strictObject({ offer: Offer, without: Without }),
    ({ offer, without }, requestId, by) => ({ type: 'approve', requestId, offer, without, by }));
  command('/v1/requests/:id/counter', 'Answer the open offer with another time',
    z.strictObject({
      offer: Offer, to: NewTime, without: Without,
      lesson: Uuid.optional().describe('Of which lesson `to` is. Default: the first of the offer as it was made; once that is no longer part of it, one must be named'),
    }),
    ({ offer, to, without, lesson }, requestId, by) =>
      ({ type: 'counter', requestId, offer, to: newTime(to), without, by, ...(lesson === undefined ? {} : { ofLesson: lesson }) }));
  command('/v1/requests/:id/decline', 'Decline the open offer', z.strictObject({ offer: Offer, reason: Reason.optional() }),
    ({ offer, reason }, requestId, by) => ({ type: 'decline', requestId, offer, by, ...(reason === undefined ? {} : { reason }) }));
  command('/v1/requests/:id/withdraw', 'Take back what you, or the student you speak for, asked', z.strictObject({ reason: Reason.optional() }),
    ({ reason }, requestId, by) => ({ type: 'withdraw', requestId, by, ...(reason === undefined ? {} : { reason }) }));
  command('/v1/requests/:id/restore', 'Put a lesson without an offer back to its old time', z.strictObject({}),
    (_body, requestId, by) => ({ type: 'restore', requestId, by }));

  app.get('/v1/requests/:id', {
    config, onRequest: guard(), schema: { tags, summary: 'One request with its thread of offers', params, querystring: ReaderQuery, response: { 200: RequestView } },
  }, async (request, reply) => {
    const found = await findRequest(db, request.params.id);
    if (found === undefined) throw unknownThing('request');
    if (!(await maySee(db, subjectOf(request), found.request.packageId))) throw forbidden('You take no part in this.');
    reply.header('etag', `"${found.request.version}"`);
    return requestView(found.request, found.lessons, found.facts, await readerOf(deps, request, request.query));
  });

  app.get('/v1/requests', {
    config, onRequest: guard(),
    schema: {
      tags, summary: 'Open requests of your packages, oldest first',
      querystring: ReaderQuery.extend({
        waiting: z.enum(['me', 'all']).default('me').describe('`me`: only those that you can answer'),
        after: z.string().max(200).optional().describe('`next` of the page before'),
        limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_MAX),
      }),
      response: { 200: z.object({ items: z.array(RequestView), next: z.string().nullable() }) },
    },
  }, async (request) => {
    const { waiting, after: cursor, limit, ...query } = request.query;
    const after = cursorOf(cursor);
    const subject = subjectOf(request);
    const reader = await readerOf(deps, request, query);
    const page = await requestsFor(db, subject.id, { after, limit }, (found) =>
      waiting === 'all' || waitingFor(found.request, found.facts).includes(subject.id));
    const items = page.items.map(({ request: one, lessons, facts }) => requestView(one, lessons, facts, reader));
    return { items, next: page.next === undefined ? null : cursorText(page.next) };
  });
}

/** Perform a command and answer with the request it is about. */
async function carryOut(
  deps: ApiDeps, request: FastifyRequest, reply: FastifyReply, command: Command & { requestId?: string }, status: number,
): Promise<never> {
  const ifVersion = versionOf(request.headers as z.infer<typeof Conditional>);
  return answerPost(deps, request, reply, async (tx) => {
    // On the same connection: a second one for each command in hand would empty the pool.
    const [performed, reader] = await Promise.all([
      performIn(tx, deps, command, ifVersion), readerOf({ db: tx, clock: deps.clock }, request, request.query as z.infer<typeof ReaderQuery>),
    ]);
    if ('unknown' in performed) return problem(unknown(performed));
    if ('stale' in performed) return problem(stale(performed));
    if (performed.refusal !== undefined) return problem(refused(performed.refusal));
    return ok(viewOf(performed, command.requestId, reader), status);
  });
}

function viewOf({ scene, facts }: Performed, requestId: string | undefined, reader: Parameters<typeof requestView>[3]): RequestView {
  const one = scene.requests.find(({ id }) => id === requestId) as MoveRequest;
  const concerned = new Set(one.offers.flatMap(({ items }) => items.map(({ lessonId }) => lessonId)));
  return requestView(one, scene.lessons.filter(({ id, requestId: open }) => open === one.id || concerned.has(id)), facts, reader);
}
