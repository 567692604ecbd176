import type { Database, Subject } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import { isStaff } from '../access/guard.ts';

/**
 * Is somebody part of a package: teacher of it or of one of its lessons, student or partner of a seat. Who has left a group
 * still sees the lessons they were there for, and nothing else of it.
 */
const partOf = {
  name: 'scheduling_part_of',
  text: `SELECT EXISTS (SELECT FROM package WHERE id = $1 AND teacher_id = $2)
             OR EXISTS (SELECT FROM seat WHERE package_id = $1 AND (student_id = $2 OR partner_id = $2)
                           AND (left_at IS NULL OR left_at > $3::timestamptz))
             OR EXISTS (SELECT FROM lesson WHERE package_id = $1 AND teacher_id = $2) AS mine`,
};

/** `lessonStart`: one lesson is asked for, not the package as a whole. */
export async function maySee(db: Database, subject: Subject, packageId: string, lessonStart?: number): Promise<boolean> {
  if (isStaff(subject)) return true;
  const [row] = await db.query<{ mine: boolean }>(partOf, [packageId, subject.id, lessonStart === undefined ? null : formatInstant(lessonStart)]);
  return row?.mine === true;
}
