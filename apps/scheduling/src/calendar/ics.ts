import { lessonUid, writeCalendar } from '@schoolbell/icalendar';
import { calendarStatus } from '../moves/decide.ts';
import type { SeenLesson } from '../lessons/query.ts';
import { endOf } from '../moves/state.ts';

/** A calendar feed: one event with a stable UID for each lesson. */
const SUMMARY: Readonly<Record<SeenLesson['status'], string>> = {
  scheduled: 'Lesson', completed: 'Lesson', missed: 'Lesson (missed)', cancelled: 'Lesson (cancelled)',
  offered: 'Lesson (a new time is being agreed)', awaiting: 'Lesson (awaits a new time)', lapsed: 'Lesson (awaits the manager)',
};

export const calendar = (lessons: readonly SeenLesson[], now: number): string =>
  writeCalendar({
    method: 'PUBLISH',
    stampedAt: now,
    events: lessons.map((lesson) => ({
      uid: lessonUid(lesson.id), sequence: lesson.sequence, start: lesson.start, end: endOf(lesson),
      status: calendarStatus(lesson), summary: SUMMARY[lesson.status],
    })),
  });
