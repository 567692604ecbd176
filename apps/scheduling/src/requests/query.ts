import type { Database } from '@schoolbell/service-kit';
import type { PackageKind } from '../packages/kinds.ts';
import type { Facts, Lesson, MoveRequest, Seat } from '../moves/state.ts';
import { formatInstant } from '@schoolbell/time';
import { FIRST, type Cursor } from '../lessons/query.ts';
import { LESSON_COLUMNS, REQUEST_COLUMNS, toLesson, toRequest, type LessonRow, type RequestRow } from '../store/scenes.ts';

/** Reads move requests for people. Nothing here takes a lock. */
export interface FoundRequest {
  readonly request: MoveRequest;
  readonly lessons: readonly Lesson[];
  readonly facts: Pick<Facts, 'kind' | 'teacherId' | 'seats'>;
}

const byId = { name: 'scheduling_request_view', text: `SELECT ${REQUEST_COLUMNS} FROM move_request WHERE id = $1` };
// The few packages of a person that have something open.
const openOf = {
  name: 'scheduling_requests_of_person',
  text: `SELECT ${REQUEST_COLUMNS}, created_at AS "createdAt" FROM move_request
          WHERE status <> 'closed' AND (created_at, id) > ($3::timestamptz, $4::uuid) AND package_id IN (
            SELECT id FROM package WHERE teacher_id = $1 UNION SELECT package_id FROM seat WHERE (student_id = $1 OR partner_id = $1) AND left_at IS NULL)
          ORDER BY created_at, id LIMIT $2`,
};
// A closed request claims no lesson any more: its offers say which they were.
const lessonsOf = {
  name: 'scheduling_request_lessons',
  text: `SELECT ${LESSON_COLUMNS} FROM lesson WHERE request_id = ANY ($1::uuid[]) OR id = ANY ($2::uuid[]) ORDER BY starts_at, id`,
};
const peopleOf = {
  name: 'scheduling_request_people',
  text: `SELECT package.id AS "packageId", package.kind AS "kind", package.teacher_id AS "teacherId", seat.student_id AS "studentId", seat.partner_id AS "partnerId"
           FROM package JOIN seat ON seat.package_id = package.id AND seat.left_at IS NULL
          WHERE package.id = ANY ($1::uuid[]) ORDER BY seat.student_id`,
};

async function complete(db: Database, requests: readonly MoveRequest[]): Promise<FoundRequest[]> {
  if (requests.length === 0) return [];
  const named = requests.flatMap(({ offers }) => offers.flatMap(({ items }) => items.map(({ lessonId }) => lessonId)));
  const [lessons, people] = await Promise.all([
    db.query<LessonRow>(lessonsOf, [requests.map(({ id }) => id), named]),
    db.query<Seat & { packageId: string; kind: PackageKind; teacherId: string }>(peopleOf, [requests.map(({ packageId }) => packageId)]),
  ]);
  const known = lessons.map(toLesson);
  return requests.map((request) => {
    const concerned = new Set(request.offers.flatMap(({ items }) => items.map(({ lessonId }) => lessonId)));
    const seats = people.filter(({ packageId }) => packageId === request.packageId);
    return {
      request,
      lessons: known.filter(({ id, requestId }) => requestId === request.id || concerned.has(id)),
      facts: { kind: seats[0]?.kind ?? 'individual', teacherId: seats[0]?.teacherId ?? '', seats },
    };
  });
}

export async function findRequest(db: Database, id: string): Promise<FoundRequest | undefined> {
  return (await complete(db, (await db.query<RequestRow>(byId, [id])).map(toRequest)))[0];
}

/**
 * Open requests of the packages that somebody takes part in, oldest first; only those that `keep` wants. `next` is where
 * the page after this one begins, if there may be one.
 */
export async function requestsFor(
  db: Database, personId: string, page: { after?: Cursor | undefined; limit: number }, keep: (found: FoundRequest) => boolean,
): Promise<{ items: FoundRequest[]; next?: Cursor }> {
  const items: FoundRequest[] = [];
  for (let after = page.after ?? FIRST; ;) {
    const rows = await db.query<RequestRow & { createdAt: Date }>(openOf, [personId, page.limit, formatInstant(after.at), after.id]);
    const found = await complete(db, rows.map(({ createdAt: _at, ...row }) => toRequest(row)));
    for (const [index, one] of found.entries()) {
      const row = rows[index] as (typeof rows)[number];
      after = { at: row.createdAt.getTime(), id: row.id };
      if (keep(one)) items.push(one);
      if (items.length === page.limit) return { items, next: after };
    }
    if (rows.length < page.limit) return { items };
  }
}
