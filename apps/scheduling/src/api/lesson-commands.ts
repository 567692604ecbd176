import { randomUUID } from 'node:crypto';
import type { HttpServer } from '@schoolbell/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { addToDate, startOfDate } from '@schoolbell/time/zones';
import { z } from 'zod';
import { subjectOf, type Guard } from '../access/guard.ts';
import type { Command } from '../moves/commands.ts';
import type { Actor } from '../moves/state.ts';
import { performIn } from '../store/perform.ts';
import { answerPost, ok, problem } from './answer.ts';
import type { ApiDeps } from './deps.ts';
import { refused, stale, unknown } from './problems.ts';
import { actorOf } from './requests.ts';
import { at, CalendarDate, Conditional, NewTime, newTime, PersonId, Reason, Uuid, versionOf, Zone } from './schemas.ts';

const params = z.object({ id: Uuid });
const Went = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('missed'), absent: z.array(PersonId).min(1).max(10).describe('Ids of the teacher or students who did not come') }),
  z.strictObject({ outcome: z.literal('held') }),
]);
const Outcome = z.object({ id: Uuid, status: z.string(), start: z.iso.datetime(), version: z.int(), requestId: Uuid.nullable() });

/** What can be done to one lesson without asking the other side. */
export function lessonCommandRoutes(app: HttpServer, guard: Guard, deps: ApiDeps): void {
  const tags = ['lessons'];
  const config = { access: 'own' } as const;
  const schema = { tags, params, headers: Conditional, response: { 200: Outcome } };

  app.post('/v1/lessons/:id/cancel', {
    config, onRequest: guard(),
    schema: { ...schema, summary: 'Cancel a lesson; an open request loses it', body: z.strictObject({ reason: Reason }) },
  }, (request, reply) => carryOut(request, reply, request.params.id, (lessonId, by) => ({ type: 'cancel', lessonId, by, reason: request.body.reason })));

  app.post('/v1/lessons/:id/outcome', {
    config, onRequest: guard(),
    schema: {
      ...schema, summary: 'Say how a lesson went: who did not come, or that it was held',
      description: 'What you report replaces what you reported before. A lesson completes by itself when it is over.',
      body: Went,
    },
  }, (request, reply) => carryOut(request, reply, request.params.id, (lessonId, by) => ({ type: 'report', lessonId, by, ...request.body })));

  app.post('/v1/lessons/:id/time', {
    config, onRequest: guard('manager', 'admin'),
    schema: { ...schema, summary: 'The manager sets the time of a lapsed lesson', body: z.strictObject({ to: NewTime }) },
  }, (request, reply) => carryOut(request, reply, request.params.id, (lessonId, by) => ({ type: 'set-time', lessonId, by, to: newTime(request.body.to) })));

  app.post('/v1/lessons/:id/limit', {
    config, onRequest: guard('manager', 'admin'),
    schema: {
      ...schema, summary: 'The manager gives both sides more time to agree',
      body: z.strictObject({ lastDay: CalendarDate.describe('The lesson ends on this day at the latest'), zone: Zone }),
    },
  }, (request, reply) => {
    const { lastDay, zone } = request.body;
    const limit = startOfDate(addToDate(lastDay, { days: 1 }), zone);
    return carryOut(request, reply, request.params.id, (lessonId, by) => ({ type: 'extend-limit', lessonId, by, limit, requestId: randomUUID() }));
  });

  function carryOut(request: FastifyRequest, reply: FastifyReply, id: string, toCommand: (id: string, by: Actor) => Command): Promise<never> {
    const ifVersion = versionOf(request.headers as z.infer<typeof Conditional>);
    return answerPost(deps, request, reply, async (tx) => {
      const performed = await performIn(tx, deps, toCommand(id, actorOf(subjectOf(request))), ifVersion);
      if ('unknown' in performed) return problem(unknown(performed));
      if ('stale' in performed) return problem(stale(performed));
      if (performed.refusal !== undefined) return problem(refused(performed.refusal));
      const lesson = performed.scene.lessons.find((one) => one.id === id);
      if (lesson === undefined) throw new Error(`the decision lost lesson ${id}`);
      return ok({ id, status: lesson.status, start: at(lesson.start), version: lesson.version, requestId: lesson.requestId ?? null });
    });
  }
}
