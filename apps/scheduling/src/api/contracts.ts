import { Problem, type HttpServer } from '@schoolbell/service-kit';
import { z } from 'zod';
import { requireSelf, subjectOf, type Guard } from '../access/guard.ts';
import { addContract, endContract, findContract } from '../contracts/store.ts';
import { tellUncovered, uncoveredLessons } from '../contracts/uncovered.ts';
import type { Lesson } from '../moves/state.ts';
import { refreshPackage } from '../packages/open.ts';
import { listContracts } from '../people/catalog.ts';
import { findParticipants } from '../people/store.ts';
import { answerPost, ok, problem } from './answer.ts';
import type { ApiDeps } from './deps.ts';
import { stale, unknownThing } from './problems.ts';
import { actorOf } from './requests.ts';
import { at, CalendarDate, Conditional, Idempotent, PersonId, Uuid, versionOf, Zone } from './schemas.ts';

const Contract = z.object({ id: Uuid, teacherId: z.string(), zone: z.string(), firstDay: z.string(), lastDay: z.string().nullable(), version: z.int() });
const Uncovered = z.array(z.object({ lessonId: Uuid, packageId: Uuid, start: z.iso.datetime() }))
  .describe('Booked lessons that no contract covers: they stay, and need a move or another teacher');

const uncoveredView = ({ id, packageId, start }: Lesson) => ({ lessonId: id, packageId, start: at(start) });

const awaitingOf = {
  name: 'scheduling_awaiting_packages_of_teacher',
  text: `SELECT DISTINCT package_id AS "packageId" FROM lesson WHERE teacher_id = $1 AND status IN ('offered', 'awaiting', 'lapsed')`,
};

export function contractRoutes(app: HttpServer, guard: Guard, deps: ApiDeps): void {
  const { db, prisma, clock, tell } = deps;
  const tags = ['people'];
  const config = { access: 'own' } as const;
  const staff = guard('manager', 'admin');

  app.post('/v1/contracts', {
    config, onRequest: staff,
    schema: {
      tags, summary: 'A contract of a teacher; renewed ones join', headers: Idempotent,
      body: z.strictObject({ teacherId: PersonId, zone: Zone, firstDay: CalendarDate, lastDay: CalendarDate.optional().describe('Absent: open-ended') })
        .refine(({ firstDay, lastDay }) => lastDay === undefined || firstDay <= lastDay, 'must end after it begins'),
      response: { 201: Contract },
    },
  }, (request, reply) => answerPost(deps, request, reply, async (tx) => {
    const [teacher] = await findParticipants(tx, [request.body.teacherId]);
    return teacher?.role === 'teacher' ? ok(await addContract(tx, request.body), 201) : problem(unknownThing('teacher'));
  }));

  app.get('/v1/teachers/:id/contracts', {
    config, onRequest: guard('teacher', 'manager', 'admin'),
    schema: { tags, summary: 'Contracts of a teacher', params: z.object({ id: PersonId }), response: { 200: z.object({ items: z.array(Contract) }) } },
  }, async (request) => {
    requireSelf(request, request.params.id);
    return { items: await listContracts(prisma, request.params.id) };
  });

  app.get('/v1/teachers/:id/uncovered-lessons', {
    config, onRequest: guard('teacher', 'manager', 'admin'),
    schema: {
      tags, summary: 'Booked lessons of a teacher that no contract covers', params: z.object({ id: PersonId }),
      response: { 200: z.object({ items: Uncovered }) },
    },
  }, async (request) => {
    requireSelf(request, request.params.id);
    return { items: (await db.transaction((tx) => uncoveredLessons(tx, request.params.id, clock.now()))).map(uncoveredView) };
  });

  app.put('/v1/contracts/:id/last-day', {
    config, onRequest: staff,
    schema: {
      tags, summary: 'Prolong or shorten a contract', params: z.object({ id: Uuid }), headers: Conditional,
      body: z.strictObject({ lastDay: CalendarDate.nullable().describe('null: open-ended') }),
      response: { 200: Contract.extend({ uncovered: Uncovered }) },
    },
  }, async (request) => {
    const { lastDay } = request.body;
    const by = actorOf(subjectOf(request));
    const changed = await db.transaction(async (tx) => {
      const contract = await findContract(tx, request.params.id);
      if (contract === undefined) throw unknownThing('contract');
      if (lastDay !== null && lastDay < contract.firstDay) throw endsBeforeItBegins();
      const row = await endContract(tx, contract, lastDay ?? undefined, versionOf(request.headers));
      if (row === undefined) throw stale({ stale: { version: (await findContract(tx, contract.id))?.version ?? contract.version } });
      const now = clock.now();
      const uncovered = await uncoveredLessons(tx, row.teacherId, now);
      await tellUncovered(tx, tell, uncovered, by, now);
      return { ...row, uncovered: uncovered.map(uncoveredView) };
    });
    // Deadlines of lessons that await a time depend on the contract. The sweep finds what an end of the process leaves here.
    const packages = await db.query<{ packageId: string }>(awaitingOf, [changed.teacherId]);
    for (const { packageId } of packages) await db.transaction((tx) => refreshPackage(tx, deps, packageId));
    return changed;
  });
}

const endsBeforeItBegins = (): Problem => new Problem({
  status: 422, code: 'contract-ends-before-it-begins', title: 'The contract would end before it begins.',
  detail: 'Its last day is not before its first day.',
});
