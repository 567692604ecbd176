import type { HttpServer, Tx } from '@schoolbell/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { forbidden, subjectOf, type Guard } from '../access/guard.ts';
import { completePart } from '../assessment/parts.ts';
import { maySee } from '../lessons/access.ts';
import type { Actor } from '../moves/state.ts';
import { joinGroup, leaveGroup, replaceTeacher } from '../packages/change.ts';
import type { Changed } from '../packages/open.ts';
import { findPackage } from '../packages/query.ts';
import { cancelPackage, freeze, resume } from '../packages/rest.ts';
import { acceptSize } from '../packages/small-groups.ts';
import { rolesOf } from '../people/store.ts';
import { answerPost, ok, problem } from './answer.ts';
import type { ApiDeps } from './deps.ts';
import { Package, Seat } from './package-schemas.ts';
import { refused, stale, unknownThing } from './problems.ts';
import { actorOf } from './requests.ts';
import { Conditional, PersonId, Reason, Uuid, versionOf } from './schemas.ts';

const params = z.object({ id: Uuid });

/** Changes of a package that exists, each answered with the package. */
export function packageChangeRoutes(app: HttpServer, guard: Guard, deps: ApiDeps): void {
  const config = { access: 'own' } as const;
  const staff = guard('manager', 'admin');
  const schema = { tags: ['packages'], headers: Conditional, params, response: { 200: Package } };

  const change = (request: FastifyRequest, reply: FastifyReply, id: string, work: (tx: Tx, by: Actor, ifVersion: number | undefined) => Promise<Changed>) =>
    answerPost(deps, request, reply, async (tx) => {
      const changed = await work(tx, actorOf(subjectOf(request)), versionOf(request.headers as z.infer<typeof Conditional>));
      if (changed === 'unknown') return problem(unknownThing('package'));
      if (changed === undefined) return ok(await findPackage(tx, id));
      return problem('stale' in changed ? stale(changed) : refused(changed));
    });

  app.post('/v1/packages/:id/seats', {
    config, onRequest: staff, schema: { ...schema, summary: 'A student joins a group; open offers end', body: Seat },
  }, async (request, reply) => change(request, reply, request.params.id, async (tx, by, ifVersion) => {
    const { studentId, partnerId } = request.body;
    const roles = await rolesOf(tx, [studentId, partnerId]);
    if (roles.get(studentId) !== 'student') throw unknownThing('participant', `${studentId} is no student`);
    if (roles.get(partnerId) !== 'partner') throw unknownThing('participant', `${partnerId} is no partner`);
    return joinGroup(tx, deps, request.params.id, { studentId, partnerId }, by, ifVersion);
  }));

  app.post('/v1/packages/:id/seats/:studentId/leave', {
    config, onRequest: staff,
    schema: {
      ...schema, summary: 'A student leaves a group; open offers end, below two the partners and the manager are asked each day',
      params: params.extend({ studentId: PersonId }),
    },
  }, async (request, reply) => change(request, reply, request.params.id, (tx, by, ifVersion) =>
    leaveGroup(tx, deps, request.params.id, request.params.studentId, by, ifVersion)));

  app.post('/v1/packages/:id/accept-size', {
    config, onRequest: staff, schema: { ...schema, summary: 'A group goes on although it has fewer than two students; nobody is asked again' },
  }, async (request, reply) => change(request, reply, request.params.id, (tx, by, ifVersion) =>
    acceptSize(tx, deps, request.params.id, by, ifVersion)));

  app.post('/v1/packages/:id/teacher', {
    config, onRequest: staff,
    schema: { ...schema, summary: 'Another teacher takes the lessons ahead; open offers end', body: z.strictObject({ teacherId: PersonId }) },
  }, async (request, reply) => change(request, reply, request.params.id, async (tx, by, ifVersion) => {
    const { teacherId } = request.body;
    if ((await rolesOf(tx, [teacherId])).get(teacherId) !== 'teacher') throw unknownThing('teacher');
    return replaceTeacher(tx, deps, request.params.id, teacherId, by, ifVersion);
  }));

  app.post('/v1/packages/:id/freeze', {
    config, onRequest: staff,
    schema: {
      ...schema, summary: 'The package rests: open offers end, nothing is moved, lessons that come to their start await a new time',
      body: z.strictObject({ reason: Reason }),
    },
  }, async (request, reply) => change(request, reply, request.params.id, (tx, by, ifVersion) =>
    freeze(tx, deps, request.params.id, by, request.body.reason, ifVersion)));

  app.post('/v1/packages/:id/resume', {
    config, onRequest: staff, schema: { ...schema, summary: 'A frozen package goes on' },
  }, async (request, reply) => change(request, reply, request.params.id, (tx, by, ifVersion) =>
    resume(tx, deps, request.params.id, by, ifVersion)));

  app.post('/v1/packages/:id/cancel', {
    config, onRequest: staff,
    schema: { ...schema, summary: 'Cancel or refund a package: every lesson ahead is cancelled, open requests end', body: z.strictObject({ reason: Reason }) },
  }, async (request, reply) => change(request, reply, request.params.id, (tx, by, ifVersion) =>
    cancelPackage(tx, deps, request.params.id, by, request.body.reason, ifVersion)));

  app.post('/v1/packages/:id/parts/:part', {
    config, onRequest: guard('teacher', 'manager', 'admin'),
    schema: {
      ...schema, summary: 'The essay or the lesson of an assessment is done; the test is completed by its result',
      params: params.extend({ part: z.enum(['essay', 'lesson']) }),
    },
  }, async (request, reply) => change(request, reply, request.params.id, async (tx, by, ifVersion) => {
    // Of the whole package: the teacher who has it now.
    if (!(await maySee(tx, subjectOf(request), request.params.id))) throw forbidden('You take no part in this package.');
    return completePart(tx, deps, request.params.id, request.params.part, by, ifVersion);
  }));
}
