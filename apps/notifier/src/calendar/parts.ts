import { lessonUid, writeCalendar, type CalendarStatus } from '@schoolbell/icalendar';
import type { SchedulingTransition } from '@schoolbell/contracts';
import { parseInstant } from '@schoolbell/time';
import type { CalendarPart, Sender } from '../mail/letter.ts';
import type { Notice } from '../notices/notice.ts';

/** Calendar parts of one mail at most: a longer series is in the feed. */
export const PARTS_MAX = 30;

/** What changes a calendar: start, end or status of a lesson. The rest is talk. */
const CHANGING: readonly SchedulingTransition[] = [
  'move.requested', 'move.proposed', 'move.countered', 'move.approved', 'move.declined', 'move.withdrawn', 'move.expired', 'move.closed',
  'move.unfinished', 'lesson.detached', 'lesson.restored', 'lesson.lapsed', 'lesson.set', 'lesson.rederived', 'lesson.cancelled',
  'package.cancelled', 'package.teacher-replaced',
];

interface Shown {
  readonly lessonId: string;
  readonly start: string;
  readonly end: string;
  readonly sequence: number;
  readonly status: CalendarStatus;
}

/** What the calendar of one reader is told by a mail: one object for each lesson, its newest state only. */
export function calendarParts(
  notices: readonly Notice[],
  to: { readonly address: string; readonly name: string },
  sender: Sender,
  options: { readonly stampedAtMs: number; readonly summary: Readonly<Record<CalendarStatus, string>> },
): CalendarPart[] {
  const newest = new Map<string, Shown>();
  for (const notice of notices.filter(concernsCalendar)) {
    for (const shown of shownIn(notice)) {
      const known = newest.get(shown.lessonId);
      if (known === undefined || known.sequence <= shown.sequence) newest.set(shown.lessonId, shown);
    }
  }
  return [...newest.values()]
    // A calendar need not be told of what is over.
    .filter(({ end }) => parseInstant(end) > options.stampedAtMs)
    .slice(0, PARTS_MAX)
    .map(({ lessonId, start, end, sequence, status }) => {
      const method = status === 'CANCELLED' ? 'CANCEL' : 'REQUEST';
      const event = { uid: lessonUid(lessonId), sequence, start: parseInstant(start), end: parseInstant(end), status, summary: options.summary[status] };
      const people = { organizer: { address: sender.address, name: sender.name }, attendees: [to] };
      return { method, content: writeCalendar({ method, stampedAt: options.stampedAtMs, events: [event], ...people }) };
    });
}

function concernsCalendar({ transition, role }: Notice): boolean {
  if (role === 'manager' || !CHANGING.includes(transition)) return false;
  return transition !== 'package.teacher-replaced' || role === 'teacher';
}

function shownIn({ data, readerId }: Notice): Shown[] {
  // Who no longer takes part has the lesson no longer.
  const gone = data.former.some(({ id }) => id === readerId) && !data.people.some(({ id }) => id === readerId);
  return data.lessons.flatMap(({ lessonId, calendar }) => (calendar === undefined ? [] : [{ lessonId, ...calendar, ...(gone ? { status: 'CANCELLED' as const } : {}) }]));
}
