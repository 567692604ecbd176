import { formatForReader, type ReaderLanguage } from '@schoolbell/time/zones';
import { z } from 'zod';
import { missingVoices, speakersOf } from '../moves/consent.ts';
import type { TimetableLesson } from '../lessons/query.ts';
import { NEXT_ACTIONS } from '../moves/next-action.ts';
import { endOf, openOffer, type Facts, type Lesson, type MoveRequest } from '../moves/state.ts';
import { PACKAGE_KINDS } from '../packages/kinds.ts';
import { at } from './schemas.ts';

/** What answers are made of. Every instant stands beside the text in which the reader sees it. */

const Status = z.enum(['scheduled', 'offered', 'awaiting', 'lapsed', 'completed', 'missed', 'cancelled']);
const When = z.object({ start: z.iso.datetime(), text: z.string() });
const Next = z.object({ at: z.iso.datetime(), kind: z.enum(NEXT_ACTIONS), text: z.string() });

const Person = z.object({ id: z.string(), role: z.enum(['teacher', 'student', 'partner', 'manager', 'system']) });

export const LessonView = z.object({
  id: z.uuid(),
  packageId: z.uuid(),
  kind: z.enum(PACKAGE_KINDS),
  number: z.int(),
  teacherId: z.string(),
  status: Status,
  version: z.int(),
  start: z.iso.datetime(),
  end: z.iso.datetime(),
  minutes: z.int(),
  text: z.string().describe("Start in the reader's zone and language"),
  wall: z.string().describe("The agreed wall clock in the package's zone"),
  zone: z.string(),
  pass: z.enum(['first', 'second']).nullable(),
  keepsInstant: z.boolean(),
  originalStart: z.iso.datetime(),
  requestId: z.uuid().nullable(),
  absences: z.array(z.object({ participantId: z.string(), role: z.enum(['teacher', 'student']), reportedBy: Person, reportedAt: z.iso.datetime() }))
    .describe('Who did not come, and who said so'),
  offered: When.extend({ offer: z.int(), wall: z.string() }).nullable(),
  next: Next.nullable().describe('What happens if nobody acts'),
});
export type LessonView = z.infer<typeof LessonView>;

/** For whom times are rendered. */
export interface Reader {
  readonly zone: string;
  readonly language: ReaderLanguage;
  readonly now: number;
}

export function lessonView({ lesson, kind, teacherId, number, originalStart, offered }: TimetableLesson, reader: Reader): LessonView {
  const text = (instant: number): string => formatForReader(instant, reader);
  return {
    id: lesson.id, packageId: lesson.packageId, kind, number, teacherId,
    status: lesson.status, version: lesson.version, start: at(lesson.start), end: at(endOf(lesson)), minutes: lesson.minutes,
    text: text(lesson.start), wall: lesson.wall, zone: lesson.zone, pass: lesson.pass ?? null, keepsInstant: lesson.keepsInstant,
    originalStart: at(originalStart), requestId: lesson.requestId ?? null,
    offered: offered === undefined ? null : { offer: offered.offer, start: at(offered.start), wall: offered.wall, text: text(offered.start) },
    absences: lesson.absences.map(({ id, role, by, at: since }) => ({ participantId: id, role, reportedBy: by, reportedAt: at(since) })),
    next: lesson.next === undefined ? null : { at: at(lesson.next.at), kind: lesson.next.kind, text: text(lesson.next.at) },
  };
}

const OfferView = z.object({
  number: z.int(),
  by: Person,
  madeAt: z.iso.datetime(),
  status: z.enum(['open', 'approved', 'declined', 'countered', 'withdrawn', 'expired', 'closed']),
  items: z.array(When.extend({ lessonId: z.uuid(), wall: z.string(), dropped: z.enum(['detached', 'left-out', 'cancelled']).nullable() })),
});
export const RequestView = z.object({
  id: z.uuid(),
  packageId: z.uuid(),
  scope: z.enum(['lesson', 'series']),
  status: z.enum(['offered', 'waiting', 'closed']),
  outcome: z.string().nullable(),
  origin: z.enum(['people', 'tz-database']),
  openedBy: Person,
  detachedFrom: z.uuid().nullable(),
  version: z.int(),
  offers: z.array(OfferView),
  waitingFor: z.array(z.string()).describe('Ids of people who can answer the open offer'),
  lessons: z.array(z.object({ id: z.uuid(), status: Status, start: z.iso.datetime(), text: z.string(), next: Next.nullable() })),
});
export type RequestView = z.infer<typeof RequestView>;

/** Ids of people who can still answer the open offer. */
export function waitingFor(request: MoveRequest, facts: Pick<Facts, 'teacherId' | 'seats'>): string[] {
  const open = openOffer(request);
  return open === undefined ? [] : [...new Set(missingVoices(open, facts).flatMap((voice) => speakersOf(voice, facts)))];
}

export function requestView(
  request: MoveRequest, lessons: readonly Lesson[], facts: Pick<Facts, 'teacherId' | 'seats'>, reader: Reader,
): RequestView {
  const when = (instant: number) => ({ start: at(instant), text: formatForReader(instant, reader) });
  return {
    id: request.id, packageId: request.packageId, scope: request.scope, status: request.status, outcome: request.outcome ?? null,
    origin: request.origin, openedBy: request.openedBy, detachedFrom: request.detachedFrom ?? null, version: request.version,
    offers: request.offers.map(({ number, by, madeAt, status, items }) => ({
      number, by, madeAt: at(madeAt), status,
      items: items.map(({ lessonId, start, wall, dropped }) => ({ lessonId, wall, dropped: dropped ?? null, ...when(start) })),
    })),
    waitingFor: waitingFor(request, facts),
    lessons: lessons.map(({ id, status, start, next }) => ({
      id, status, ...when(start),
      next: next === undefined ? null : { kind: next.kind, at: at(next.at), text: formatForReader(next.at, reader) },
    })),
  };
}
