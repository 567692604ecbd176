import { lessonUid, writeCalendar, type CalendarEvent } from '@schoolbell/icalendar';
import { calendarStatus } from '../moves/decide.ts';
import type { SeenLesson } from '../lessons/query.ts';
import { endOf } from '../moves/state.ts';
import type { Feed } from './feed.ts';

const MINUTE_MS = 60_000;
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
      ...(isCut && last !== undefined ? [moreAfter(last, now)] : []),
    ],
  });
}

/** Where the feed is cut. That moves to and fro with the lessons; its sequence may only rise, so it is of now. */
const moreAfter = (last: SeenLesson, now: number): CalendarEvent => ({
  uid: lessonUid('more'), sequence: Math.floor(now / MINUTE_MS), start: endOf(last), end: endOf(last) + MINUTES_SHOWN * MINUTE_MS,
  status: 'TENTATIVE', summary: 'Lessons after this are not shown: there are too many',
});
