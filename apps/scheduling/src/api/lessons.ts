import type { HttpServer } from '@schoolbell/service-kit';
import { Problem } from '@schoolbell/service-kit';
import { z } from 'zod';
import { forbidden, requireSelf, subjectOf, type Guard } from '../access/guard.ts';
import { maySee } from '../lessons/access.ts';
import type { Timetable, TimetableLesson } from '../lessons/query.ts';
import { cursorOf, cursorText } from './cursor.ts';
import { readerOf, ReaderQuery } from './reader.ts';
import type { ApiDeps } from './deps.ts';
import { unknownThing } from './problems.ts';
import { Instant, instantOf, PersonId, Uuid } from './schemas.ts';
import { LessonView, lessonView } from './views.ts';

const PAGE_MAX = 500;
/** Longest range of one timetable. */
const RANGE_MAX_MS = 400 * 86_400_000;

const Page = z.object({
  after: z.string().max(200).optional().describe('`next` of the page before'),
  limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(200),
});
const Lessons = z.object({ items: z.array(LessonView), next: z.string().nullable() });

export function lessonRoutes(app: HttpServer, guard: Guard, deps: ApiDeps & { timetable: Timetable }): void {
  const { timetable, db } = deps;
  const tags = ['lessons'];
  const config = { access: 'own' } as const;

  app.get('/v1/lessons', {
    config, onRequest: guard(),
    schema: {
      tags, summary: "Somebody's lessons, in any zone",
      description: 'Lessons that start in `from <= t < to`, in order of time. Each start stands beside its text in the chosen zone and language.',
      querystring: ReaderQuery.extend(Page.shape).extend({ participant: PersonId.optional().describe('Default: yourself'), from: Instant, to: Instant }),
      response: { 200: Lessons },
    },
  }, async (request) => {
    const { query } = request;
    const id = query.participant ?? subjectOf(request).id;
    requireSelf(request, id);
    // What may throw comes before anything is asked: nobody would wait for what is asked already.
    const range = rangeOf(query.from, query.to);
    const page = { after: cursorOf(query.after), limit: query.limit };
    const [reader, items] = await Promise.all([readerOf(deps, request, query), timetable.ofParticipant(id, range, page)]);
    return { items: items.map((item) => lessonView(item, reader)), next: nextOf(items, query.limit, ({ lesson }) => lesson.start) };
  });

  app.get('/v1/lessons/:id', {
    config, onRequest: guard(),
    schema: { tags, summary: 'One lesson', params: z.object({ id: Uuid }), querystring: ReaderQuery, response: { 200: LessonView } },
  }, async (request, reply) => {
    const found = await timetable.find(request.params.id);
    if (found === undefined) throw unknownThing('lesson');
    if (!(await maySee(db, subjectOf(request), found.lesson.packageId, found.lesson.id))) throw forbidden('You take no part in this lesson.');
    reply.header('etag', `"${found.lesson.version}"`);
    return lessonView(found, await readerOf(deps, request, request.query));
  });

  app.get('/v1/awaiting', {
    config, onRequest: guard('manager', 'admin'),
    schema: {
      tags, summary: 'Every lesson that awaits a new time, by what happens next',
      querystring: ReaderQuery.extend(Page.shape).extend({ status: z.enum(['offered', 'awaiting', 'lapsed']).optional() }),
      response: { 200: Lessons },
    },
  }, async (request) => {
    const { query } = request;
    const page = { after: cursorOf(query.after), limit: query.limit };
    const reader = await readerOf(deps, request, query);
    const items = await timetable.awaiting({ status: query.status }, page);
    return { items: items.map((item) => lessonView(item, reader)), next: nextOf(items, query.limit, ({ lesson }) => lesson.next?.at ?? 0) };
  });
}

function rangeOf(from: string, to: string): { from: number; to: number } {
  const range = { from: instantOf(from), to: instantOf(to) };
  if (range.to > range.from && range.to - range.from <= RANGE_MAX_MS) return range;
  throw new Problem({
    status: 400, code: 'range-invalid', title: 'The range is not valid.', detail: 'It must end after it begins, and be at most 400 days long.',
  });
}

const nextOf = (items: readonly TimetableLesson[], limit: number, key: (item: TimetableLesson) => number): string | null => {
  const last = items.at(-1);
  return last === undefined || items.length < limit ? null : cursorText({ at: key(last), id: last.lesson.id });
};
