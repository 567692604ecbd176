import type { Subject, Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import { isStaff } from '../access/guard.ts';

/**
 * Is somebody part of a package: its teacher, student or partner of a seat. Of single lessons also whoever taught them or had a
 * seat at their start: who was replaced or has left a group still sees those, and nothing else of it. Who has joined a group
 * sees no lesson from before.
 */
const partOf = {
  name: 'scheduling_part_of',
  text: `SELECT EXISTS (SELECT FROM package WHERE id = $1 AND teacher_id = $2)
             OR EXISTS (SELECT FROM seat WHERE package_id = $1 AND (student_id = $2 OR partner_id = $2)
                           AND (left_at IS NULL OR left_at > $4::timestamptz) AND ($4::timestamptz IS NULL OR joined_at <= $4::timestamptz))
             OR EXISTS (SELECT FROM lesson WHERE id = $3 AND teacher_id = $2) AS mine`,
};

/** `lesson`: one lesson is asked for, not the package as a whole. */
export async function maySee(
  db: Pick<Tx, 'query'>, subject: Subject, packageId: string, lesson?: { readonly id: string; readonly start: number },
): Promise<boolean> {
  if (isStaff(subject)) return true;
  const [row] = await db.query<{ mine: boolean }>(partOf, [
    packageId, subject.id, lesson?.id ?? null, lesson === undefined ? null : formatInstant(lesson.start),
  ]);
  return row?.mine === true;
}
