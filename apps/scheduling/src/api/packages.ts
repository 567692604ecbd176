import type { HttpServer } from '@schoolbell/service-kit';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { forbidden, isStaff, subjectOf, type Guard } from '../access/guard.ts';
import { maySee } from '../lessons/access.ts';
import type { Timetable } from '../lessons/query.ts';
import { findPackage, listPackages, listSmallGroups, type PackageView } from '../packages/query.ts';
import { sell } from '../packages/store.ts';
import { rolesOf } from '../people/store.ts';
import { answerPost, ok, problem } from './answer.ts';
import type { ApiDeps } from './deps.ts';
import { Order, Package } from './package-schemas.ts';
import { refused, unknownThing } from './problems.ts';
import { readerOf, ReaderQuery } from './reader.ts';
import { actorOf } from './requests.ts';
import { Idempotent, instantOf, PersonId, Uuid } from './schemas.ts';
import { LessonView, lessonView } from './views.ts';

const params = z.object({ id: Uuid });
const PackageWithLessons = Package.extend({ lessons: z.array(LessonView) });
const PAGE_MAX = 200;

export function packageRoutes(app: HttpServer, guard: Guard, deps: ApiDeps & { timetable: Timetable }): void {
  const { db, timetable } = deps;
  const tags = ['packages'];
  const config = { access: 'own' } as const;
  const staff = guard('manager', 'admin');

  async function complete(found: PackageView, request: FastifyRequest, query: z.infer<typeof ReaderQuery>) {
    const reader = await readerOf(deps, request, query);
    return { ...found, lessons: (await timetable.ofPackage(found.id, subjectOf(request).id)).map((lesson) => lessonView(lesson, reader)) };
  }

  app.post('/v1/packages', {
    config, onRequest: staff,
    schema: {
      tags, summary: 'Sell a package: its series and lessons are made, or the collisions told and nothing made', headers: Idempotent,
      body: Order, response: { 201: z.object({ id: Uuid, lessonIds: z.array(Uuid) }) },
    },
  }, async (request, reply) => {
    const { registeredAt, slots, ...order } = request.body;
    return answerPost(deps, request, reply, async (tx) => {
      const people = await rolesOf(tx, [order.teacherId, ...order.seats.flatMap(({ studentId, partnerId }) => [studentId, partnerId])]);
      const wrong = [
        ...(people.get(order.teacherId) === 'teacher' ? [] : [`${order.teacherId} is no teacher`]),
        ...order.seats.filter(({ studentId }) => people.get(studentId) !== 'student').map(({ studentId }) => `${studentId} is no student`),
        ...order.seats.filter(({ partnerId }) => people.get(partnerId) !== 'partner').map(({ partnerId }) => `${partnerId} is no partner`),
      ];
      if (wrong.length > 0) return problem(unknownThing('participant', wrong.join(', ')));
      const sold = await sell(tx, deps, {
        ...order,
        slots: slots.map(({ pass, ...slot }) => (pass === undefined ? slot : { ...slot, pass })),
        registeredAt: registeredAt === undefined ? undefined : instantOf(registeredAt),
      }, actorOf(subjectOf(request)));
      return 'code' in sold ? problem(refused(sold)) : ok({ id: sold.packageId, lessonIds: sold.lessonIds }, 201);
    });
  });

  app.get('/v1/packages/:id', {
    config, onRequest: guard(), schema: { tags, summary: 'A package with its lessons', params, querystring: ReaderQuery, response: { 200: PackageWithLessons } },
  }, async (request, reply) => {
    const found = await findPackage(db, request.params.id);
    if (found === undefined) throw unknownThing('package');
    if (!(await maySee(db, subjectOf(request), found.id))) throw forbidden('You take no part in this package.');
    reply.header('etag', `"${found.version}"`);
    return complete(found, request, request.query);
  });

  app.get('/v1/packages', {
    config, onRequest: guard(),
    schema: {
      tags, summary: 'Packages by id: your own, or all for staff',
      querystring: z.object({
        participant: PersonId.optional(), tooSmall: z.literal('true').optional().describe('For staff: only groups that wait for a decision'),
        after: Uuid.optional(), limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(50),
      }),
      response: { 200: z.object({ items: z.array(Package), next: z.string().nullable() }) },
    },
  }, async (request) => {
    const subject = subjectOf(request);
    const { participant, tooSmall, after, limit } = request.query;
    const whose = isStaff(subject) ? participant : subject.id;
    const items = tooSmall === 'true' && isStaff(subject)
      ? await listSmallGroups(db, { after, limit })
      : await listPackages(db, { participant: whose, after, limit });
    return { items, next: items.length < limit ? null : (items.at(-1)?.id ?? null) };
  });

}
