import type { Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import { timeZoneDatabaseVersion } from '@schoolbell/time/zones';
import { contractBreaks } from '../moves/rules.ts';
import { endOf, type Actor, type Lesson } from '../moves/state.ts';
import { readFacts, readPackage, readTeacher, seatsOf, type PackageFacts } from '../store/packages.ts';
import type { Tell } from '../store/perform.ts';
import { LESSON_COLUMNS, toLesson, type LessonRow } from '../store/scenes.ts';

/**
 * Booked lessons that no contract of their teacher covers any more. They stay; both sides are told that a move is needed.
 * One that is being moved counts too: it may go back to its old time.
 */

const aheadOf = {
  name: 'scheduling_lessons_ahead_of_teacher',
  text: `SELECT ${LESSON_COLUMNS} FROM lesson WHERE teacher_id = $1 AND starts_at > $2 AND (status = 'scheduled' OR holds_original) ORDER BY starts_at, id`,
};

export async function uncoveredLessons(tx: Tx, teacherId: string, now: number): Promise<Lesson[]> {
  const [teacher, rows] = await Promise.all([readTeacher(tx, teacherId), tx.query<LessonRow>(aheadOf, [teacherId, formatInstant(now)])]);
  return rows.map(toLesson).filter((lesson) => contractBreaks({ start: lesson.start, end: endOf(lesson) }, teacher).length > 0);
}

export async function tellUncovered(tx: Tx, tell: Tell, lessons: readonly Lesson[], by: Actor, now: number): Promise<void> {
  for (const [packageId, ofPackage] of Map.groupBy(lessons, (lesson) => lesson.packageId)) {
    const row = await readPackage(tx, packageId);
    const facts = (await readFacts(tx, [row], await seatsOf(tx, [row]), timeZoneDatabaseVersion())).get(packageId) as PackageFacts;
    const changes = ofPackage.map(({ id, status, start, next }) => ({ lessonId: id, status, oldStart: start, ...(next === undefined ? {} : { next }) }));
    await tell(tx, [{ facts, events: [{ type: 'lesson.uncovered', at: now, by, lessons: changes }] }]);
  }
}
