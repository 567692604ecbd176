import type { Subject, Tx } from '@schoolbell/service-kit';
import { isStaff } from '../access/guard.ts';

/** A lesson that awaits a time, or is offered one: its start is only where it was. */
export const IN_THE_AIR = "lesson.status IN ('offered', 'awaiting', 'lapsed')";

/**
 * Does a row of `seat` show a row of `lesson` of its package? Whoever has joined sees no lesson from before, whoever has left
 * none from after. What is in the air is answered by those who are there now, wherever its old start was.
 */
export const SEAT_SHOWS_LESSON = `(seat.left_at IS NULL OR seat.left_at > lesson.starts_at)
  AND (seat.joined_at <= lesson.starts_at OR (seat.left_at IS NULL AND ${IN_THE_AIR}))`;

/**
 * Is somebody part of a package: its teacher, student or partner of a seat. Of single lessons also whoever taught them or had a
 * seat at their start: who was replaced or has left a group still sees those, and nothing else of it.
 */
const partOf = {
  name: 'scheduling_part_of',
  text: `SELECT EXISTS (SELECT FROM package WHERE id = $1 AND teacher_id = $2)
             OR EXISTS (SELECT FROM seat LEFT JOIN lesson ON lesson.id = $3
                         WHERE seat.package_id = $1 AND (student_id = $2 OR partner_id = $2)
                           AND CASE WHEN lesson.id IS NULL THEN left_at IS NULL ELSE ${SEAT_SHOWS_LESSON} END)
             OR EXISTS (SELECT FROM lesson WHERE id = $3 AND teacher_id = $2) AS mine`,
};

/** `lessonId`: one lesson is asked for, not the package as a whole. */
export async function maySee(db: Pick<Tx, 'query'>, subject: Subject, packageId: string, lessonId?: string): Promise<boolean> {
  if (isStaff(subject)) return true;
  const [row] = await db.query<{ mine: boolean }>(partOf, [packageId, subject.id, lessonId ?? null]);
  return row?.mine === true;
}
