import type { HttpServer } from '@schoolbell/service-kit';
import { Problem } from '@schoolbell/service-kit';
import { formatForReader, readerLanguage } from '@schoolbell/time/zones';
import { z } from 'zod';
import { forbidden, subjectOf, type Guard } from '../access/guard.ts';
import { listTransitions } from '../audit/query.ts';
import { feedOf } from '../calendar/feed.ts';
import { calendar } from '../calendar/ics.ts';
import { maySee } from '../lessons/access.ts';
import type { Timetable } from '../lessons/query.ts';
import { findByKey, findParticipants, type Participant } from '../people/store.ts';
import { driftOf } from '../preview/drift.ts';
import { freeTimes } from '../preview/free-times.ts';
import { preview, type Preview } from '../preview/preview.ts';
import type { ApiDeps } from './deps.ts';
import { refused, unknownThing } from './problems.ts';
import { readerOf, ReaderQuery } from './reader.ts';
import { at, Instant, instantOf, NewTime, newTime, Uuid } from './schemas.ts';

const DAY_MS = 86_400_000;
/** Longest range that free times are looked for in. */
const FREE_RANGE_MAX_MS = 14 * DAY_MS;
const AUDIT_PAGE_MAX = 200;

const params = z.object({ id: Uuid });
const Broken = z.object({ lessonId: Uuid, codes: z.array(z.string()) });
const When = z.object({ start: z.iso.datetime(), text: z.string() });
const Clock = z.object({ weekday: z.int(), time: z.string() });
const PreviewView = z.object({
  lessons: z.array(z.object({
    lessonId: Uuid,
    old: z.iso.datetime(),
    new: z.iso.datetime(),
    wall: z.string().describe("New wall clock in the package's zone"),
    kind: z.enum(['unique', 'gap', 'overlap']).describe('`gap`: the clocks skip the wall time, it moves forward; `overlap`: they show it twice'),
    texts: z.array(z.object({ participantId: z.string(), role: z.string(), old: z.string(), new: z.string() })),
    codes: z.array(z.string()).describe('Rules it would break'),
  })),
  leaveOut: z.array(Broken).describe('The fewest lessons to leave out so that the rest could move'),
  drift: z.array(z.object({ participantId: z.string(), usual: Clock, lessons: z.array(Clock.extend({ lessonId: Uuid })) }))
    .describe("Lessons at which somebody's clock will show another time than usual"),
});

/** What people look at before they ask: previews, free times, the audit trail, calendars. */
export function lookingRoutes(app: HttpServer, guard: Guard, deps: ApiDeps & { timetable: Timetable }): void {
  const { db, prisma, clock, timetable } = deps;
  const config = { access: 'own' } as const;

  app.post('/v1/lessons/:id/preview', {
    config, onRequest: guard(),
    schema: {
      tags: ['move requests'], summary: 'Where a move would lead, for each participant, and what stands in its way', params,
      body: z.strictObject({ scope: z.enum(['lesson', 'series']).default('lesson'), to: NewTime }), response: { 200: PreviewView },
    },
  }, async (request) => {
    const { scope, to } = request.body;
    const found = await preview(db, clock.now(), request.params.id, scope, newTime(to));
    if (found === undefined) throw unknownThing('lesson');
    if (!(await maySee(db, subjectOf(request), found.facts.packageId))) throw forbidden('You take no part in this lesson.');
    const { teacherId, seats } = found.facts;
    const ids = [...new Set([teacherId, ...seats.flatMap(({ studentId, partnerId }) => [studentId, partnerId])])];
    return previewView(found, await findParticipants(db, ids), clock.now());
  });

  app.get('/v1/lessons/:id/free-times', {
    config, onRequest: guard(),
    schema: {
      tags: ['move requests'], summary: 'Times that a lesson may move to, and what ends them', params,
      querystring: ReaderQuery.extend({ from: Instant, to: Instant.describe('At most 14 days after `from`') }),
      response: {
        200: z.object({
          items: z.array(When),
          stretches: z.array(z.object({ first: When, last: When, endedBy: z.array(z.string()) }))
            .describe('Items without a gap between them, and the rules that the next half hour would break; none: the range ends there'),
          bound: When.extend({ code: z.string() }).describe('No later start is possible'),
        }),
      },
    },
  }, async (request) => {
    const { query } = request;
    const range = { from: instantOf(query.from), to: instantOf(query.to) };
    if (range.to <= range.from || range.to - range.from > FREE_RANGE_MAX_MS) throw rangeInvalid();
    const found = await freeTimes(db, clock.now(), request.params.id, range);
    if (found === undefined) throw unknownThing('lesson');
    if (!(await maySee(db, subjectOf(request), found.facts.packageId))) throw forbidden('You take no part in this lesson.');
    if ('code' in found) throw refused(found);
    const reader = await readerOf(deps, request, query);
    const when = (start: number) => ({ start: at(start), text: formatForReader(start, reader) });
    return {
      items: found.starts.map(when),
      stretches: found.stretches.map(({ first, last, endedBy }) => ({ first: when(first), last: when(last), endedBy: [...endedBy] })),
      bound: { ...when(found.bound.at), code: found.bound.code },
    };
  });

  app.get('/v1/packages/:id/transitions', {
    config, onRequest: guard(),
    schema: {
      tags: ['packages'], summary: 'The audit trail: every transition, oldest first', params,
      querystring: z.object({ after: z.string().regex(/^\d{1,18}$/).optional(), limit: z.coerce.number().int().min(1).max(AUDIT_PAGE_MAX).default(100) }),
      response: {
        200: z.object({
          items: z.array(z.object({
            id: z.string(), at: z.iso.datetime(), type: z.string(), by: z.object({ id: z.string(), role: z.string() }),
            requestId: z.string().nullable(), lessonIds: z.array(z.string()), body: z.record(z.string(), z.unknown()),
          })),
          next: z.string().nullable(),
        }),
      },
    },
  }, async (request) => {
    const { id } = request.params;
    if (!(await maySee(db, subjectOf(request), id))) throw forbidden('You take no part in this package.');
    const { after, limit } = request.query;
    const items = await listTransitions(prisma, id, after, limit);
    return { items, next: items.length < limit ? null : (items.at(-1)?.id ?? null) };
  });

  app.get('/v1/calendars/:file', {
    config: { access: 'public' },
    schema: {
      tags: ['people'], summary: "Somebody's lessons as a calendar feed, by its secret address",
      params: z.object({ file: z.string().regex(/^[A-Za-z0-9_-]{32}\.ics$/) }),
    },
  }, async (request, reply) => {
    const person = await findByKey(db, request.params.file.slice(0, -'.ics'.length));
    if (person === undefined) throw unknownThing('calendar');
    const now = clock.now();
    return reply.type('text/calendar; charset=utf-8').send(calendar(await feedOf(timetable, person.id, now), now));
  });
}

function previewView({ plan, breaks, leaveOut }: Preview, people: readonly Participant[], now: number): z.infer<typeof PreviewView> {
  const codesOf = new Map(breaks.map(({ lessonId, codes }) => [lessonId, [...codes]]));
  const shown = (instant: number, { zone, locale }: Participant) => formatForReader(instant, { zone, language: readerLanguage(locale), now });
  return {
    lessons: plan.map(({ lessonId, oldStart, start, wall, kind }) => ({
      lessonId, old: at(oldStart), new: at(start), wall, kind, codes: codesOf.get(lessonId) ?? [],
      texts: people.map((person) => ({ participantId: person.id, role: person.role, old: shown(oldStart, person), new: shown(start, person) })),
    })),
    leaveOut: leaveOut.map(({ lessonId, codes }) => ({ lessonId, codes: [...codes] })),
    drift: people.flatMap(({ id, zone }) => {
      const drift = driftOf(plan, zone);
      return drift === undefined ? [] : [{ participantId: id, usual: drift.usual, lessons: [...drift.lessons] }];
    }),
  };
}

const rangeInvalid = (): Problem => new Problem({
  status: 400, code: 'range-invalid', title: 'The range is not valid.', detail: 'It must end after it begins, and be at most 14 days long.',
});
