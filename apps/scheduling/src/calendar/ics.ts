import { lessonUid, writeCalendar, type CalendarEvent } from '@schoolbell/icalendar';
import { calendarStatus } from '../moves/decide.ts';
import type { SeenLesson } from '../lessons/query.ts';
import { endOf } from '../moves/state.ts';
import type { Feed } from './feed.ts';

const DAY_MS = 86_400_000;
const MINUTES_SHOWN = 15;

/** A calendar feed: one event with a stable UID for each lesson. */
const SUMMARY: Readonly<Record<SeenLesson['status'], string>> = {
  scheduled: 'Lesson', completed: 'Lesson', missed: 'Lesson (missed)', cancelled: 'Lesson (cancelled)',
  offered: 'Lesson (a new time is being agreed)', awaiting: 'Lesson (awaits a new time)', lapsed: 'Lesson (awaits the manager)',
};

export function calendar({ lessons, isCut }: Feed, now: number): string {
  const last = lessons.at(-1);
  return writeCalendar({
    method: 'PUBLISH',
    stampedAt: now,
    events: [
      ...lessons.map((lesson) => ({
        uid: lessonUid(lesson.id), sequence: lesson.sequence, start: lesson.start, end: endOf(lesson),
        status: calendarStatus(lesson), summary: SUMMARY[lesson.status],
      })),
      ...(isCut && last !== undefined ? [moreAfter(last)] : []),
    ],
  });
}

/** Where the feed is cut. It moves on with the days, and its sequence with it. */
const moreAfter = (last: SeenLesson): CalendarEvent => ({
  uid: lessonUid('more'), sequence: Math.floor(last.start / DAY_MS), start: endOf(last), end: endOf(last) + MINUTES_SHOWN * 60_000,
  status: 'TENTATIVE', summary: 'Lessons after this are not shown: there are too many',
});
