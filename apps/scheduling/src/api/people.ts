import { Problem, type HttpServer } from '@schoolbell/service-kit';
import { z } from 'zod';
import { forbidden, isStaff, requireSelf, subjectOf, type Guard } from '../access/guard.ts';
import { listParticipants } from '../people/catalog.ts';
import { findParticipants, findWorkingHours, putParticipant, putWorkingHours, renewCalendarKey } from '../people/store.ts';
import { answerPost, ok, problem } from './answer.ts';
import type { ApiDeps } from './deps.ts';
import { stale, unknownThing } from './problems.ts';
import { CalendarDate, Conditional, Idempotent, Locale, PersonId, TimeOfDay, versionOf, Weekday, Zone } from './schemas.ts';

const Role = z.enum(['teacher', 'student', 'partner', 'manager']);
const PersonView = z.object({ id: PersonId, role: Role, zone: z.string(), locale: z.string(), version: z.int() });
const params = z.object({ id: PersonId });
const Hours = z.strictObject({
  zone: Zone,
  hours: z.array(z.strictObject({ weekday: Weekday, from: TimeOfDay, to: z.union([TimeOfDay, z.literal('24:00')]) })
    .refine(({ from, to }) => from < to, 'must end after it begins')).max(50).describe('Empty: teaches at all times'),
  daysOff: z.array(CalendarDate).max(400).default([]),
});
const HoursView = Hours.extend({ version: z.int() });
const PAGE_MAX = 200;
/** The version of what there is not: who names another one has seen something that is gone, or something else. */
const NOT_THERE = 0;

export function peopleRoutes(app: HttpServer, guard: Guard, deps: ApiDeps): void {
  const { db, prisma, clock } = deps;
  const tags = ['people'];

  app.put('/v1/participants/:id', {
    config: { access: 'own' }, onRequest: guard(),
    schema: {
      tags, params, headers: Conditional,
      summary: 'Create somebody, or change their zone and language',
      description: 'Staff creates; everybody may change their own zone and language. Nothing moves by it: a lesson keeps the zone of its package.',
      body: z.strictObject({ role: Role, zone: Zone, locale: Locale }),
      response: { 200: PersonView },
    },
  }, async (request) => {
    const { id } = request.params;
    const subject = subjectOf(request);
    requireSelf(request, id);
    const [known] = await findParticipants(db, [id]);
    if (!isStaff(subject) && known === undefined) throw forbidden('Only staff adds participants.');
    if (known !== undefined && known.role !== request.body.role) throw roleFixed();
    const person = await db.transaction((tx) => putParticipant(tx, { id, ...request.body }, clock.now(), versionOf(request.headers)));
    if (person === undefined) throw stale({ stale: { version: (await findParticipants(db, [id]))[0]?.version ?? NOT_THERE } });
    return person;
  });

  app.get('/v1/participants/:id', {
    config: { access: 'own' }, onRequest: guard(), schema: { tags, params, summary: 'One participant', response: { 200: PersonView } },
  }, async (request) => {
    requireSelf(request, request.params.id);
    const [person] = await findParticipants(db, [request.params.id]);
    if (person === undefined) throw unknownThing('participant');
    return person;
  });

  app.get('/v1/participants', {
    config: { access: 'own' }, onRequest: guard('manager', 'admin'),
    schema: {
      tags, summary: 'Participants by id',
      querystring: z.object({ role: Role.optional(), after: PersonId.optional(), limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(50) }),
      response: { 200: z.object({ items: z.array(PersonView), next: z.string().nullable() }) },
    },
  }, async ({ query: { role, after, limit } }) => {
    const items = await listParticipants(prisma, { role, after, limit });
    return { items, next: items.length < limit ? null : (items.at(-1)?.id ?? null) };
  });

  app.put('/v1/teachers/:id/working-hours', {
    config: { access: 'own' }, onRequest: guard('teacher', 'manager', 'admin'),
    schema: {
      tags, params, headers: Conditional, summary: 'When a teacher teaches, and days off',
      description: 'Offers must respect them. Lessons that are agreed already stay.',
      body: Hours, response: { 200: HoursView },
    },
  }, async (request) => {
    const { id } = request.params;
    requireSelf(request, id);
    const [teacher] = await findParticipants(db, [id]);
    if (teacher?.role !== 'teacher') throw unknownThing('teacher');
    const version = await db.transaction((tx) => putWorkingHours(tx, id, request.body, versionOf(request.headers)));
    if (version === undefined) throw stale({ stale: { version: (await findWorkingHours(db, id))?.version ?? NOT_THERE } });
    return { ...request.body, version };
  });

  app.get('/v1/teachers/:id/working-hours', {
    config: { access: 'own' }, onRequest: guard('teacher', 'manager', 'admin'),
    schema: {
      tags, params, summary: 'When a teacher teaches, and days off',
      description: 'Who has said nothing teaches at all times: version 0, which `If-Match` of the first PUT may name.',
      response: { 200: HoursView },
    },
  }, async (request, reply) => {
    const { id } = request.params;
    requireSelf(request, id);
    const [[teacher], known] = await Promise.all([findParticipants(db, [id]), findWorkingHours(db, id)]);
    if (teacher?.role !== 'teacher') throw unknownThing('teacher');
    const hours = known ?? { zone: teacher.zone, hours: [], daysOff: [], version: NOT_THERE };
    reply.header('etag', `"${hours.version}"`);
    return { ...hours, hours: [...hours.hours], daysOff: [...hours.daysOff] };
  });

  app.post('/v1/participants/:id/calendar-key', {
    config: { access: 'own' }, onRequest: guard(),
    schema: {
      tags, params, headers: Idempotent, summary: 'A new secret address of the calendar feed; the one before stops working',
      description: 'The address is told once and never kept: a repeated Idempotency-Key changes nothing and is answered 409 `calendar-key-told`.',
      response: { 201: z.object({ path: z.string() }) },
    },
  }, async (request, reply) => {
    requireSelf(request, request.params.id);
    return answerPost(deps, request, reply, async (tx) => {
      const key = await renewCalendarKey(tx, request.params.id);
      return key === undefined ? problem(unknownThing('participant')) : ok({ path: `/v1/calendars/${key}.ics` }, 201);
    }, (answer) => (answer.status === 201 ? problem(calendarKeyTold()) : answer));
  });
}

const calendarKeyTold = (): Problem => new Problem({
  status: 409, code: 'calendar-key-told', title: 'This address was made and told already.',
  detail: 'It is not kept. If the answer was lost, ask for another address under a new key.',
});
const roleFixed = (): Problem => new Problem({
  status: 409, code: 'role-fixed', title: 'A participant keeps the role.', detail: 'Give the person another id for another role.',
});
