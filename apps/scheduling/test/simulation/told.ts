import { formatInstant } from '@schoolbell/time';
import type { Parts } from '../database.ts';
import type { World } from '../world.ts';

/** Every event is told once per effect: what the audit trail and the outbox hold, against what has changed. */
const MESSAGES = `SELECT coalesce(trail.subject, told.subject) AS subject, trail.n AS trail, told.n AS told
  FROM (SELECT 'scheduling.' || type AS subject, count(*)::int AS n FROM transition GROUP BY 1) AS trail
  FULL JOIN (SELECT subject, count(*)::int AS n FROM outbox GROUP BY 1) AS told ON told.subject = trail.subject
 WHERE trail.n IS DISTINCT FROM told.n`;
/** The same fact twice: same kind, thread, offer, lessons, person and instant. */
const TWICE = `SELECT type, request_id AS "requestId", at, count(*)::int AS times FROM transition WHERE type NOT LIKE 'package.%'
 GROUP BY type, package_id, request_id, lesson_ids, body ->> 'offer', body ->> 'reason', by_id, at HAVING count(*) > 1`;
/** What can happen only once, to an offer of a thread or to a lesson of it. */
const ONCE = `SELECT type, request_id AS "requestId", count(*)::int AS times FROM transition
 WHERE type IN ('move.requested', 'move.proposed', 'move.countered', 'move.approved', 'move.declined', 'move.withdrawn', 'move.expired', 'move.closed',
                'lesson.detached')
 GROUP BY type, request_id, body ->> 'offer', CASE WHEN type = 'lesson.detached' THEN lesson_ids END HAVING count(*) > 1`;
const KEPT_UNTOLD = `SELECT id FROM lesson WHERE keeps_instant AND status NOT IN ('completed', 'missed', 'cancelled')
   AND NOT EXISTS (SELECT FROM transition WHERE type = 'lesson.instant-kept' AND lesson.id = ANY (lesson_ids))`;
/** Nobody decides here that a group goes on with one student, so it is asked about as long as it has lessons. */
const SMALL_UNASKED = `SELECT id, ask_at FROM package WHERE kind = 'group' AND state IN ('active', 'frozen')
   AND (SELECT count(*) FROM seat WHERE package_id = package.id AND left_at IS NULL) < 2
   AND EXISTS (SELECT FROM lesson WHERE package_id = package.id AND next_action_at IS NOT NULL)
   AND (ask_at IS NULL OR ask_at <= $1::timestamptz)`;
const SINCE = `SELECT id::int AS id, lesson_ids || ARRAY (SELECT (jsonb_array_elements(body -> 'leftOut') ->> 'lessonId')::uuid) AS "lessonIds"
  FROM transition WHERE id > $1 ORDER BY id`;

/** Everything that is wrong with what was told. `seen` is the last transition before the step; the new last is returned. */
export async function faultsOfTelling(
  { sql, clock }: Pick<Parts, 'sql' | 'clock'>, before: World, after: World, seen: number,
): Promise<{ faults: string[]; seen: number }> {
  const [messages, twice, once, kept, small, since] = await Promise.all([
    sql<object>(MESSAGES), sql<object>(TWICE), sql<object>(ONCE), sql<object>(KEPT_UNTOLD),
    sql<object>(SMALL_UNASKED, [formatInstant(clock.now())]),
    sql<{ id: number; lessonIds: string[] }>(SINCE, [seen]),
  ]);
  const told = new Set(since.flatMap(({ lessonIds }) => lessonIds));
  const silent = [...after.lessons.values()].filter(({ id, status, start }) => {
    const old = before.lessons.get(id);
    return old !== undefined && (old.status !== status || old.start !== start) && !told.has(id);
  });
  const list = (what: string, found: readonly object[]): string[] => found.map((one) => `${what}: ${JSON.stringify(one)}`);
  return {
    faults: [
      ...list('trail and messages differ', messages), ...list('told twice', twice), ...list('happened twice', once),
      ...list('too small and nobody is asked', small),
      ...list('keeps its instant and nobody was told', kept), ...list('changed and nobody was told', silent),
    ],
    seen: since.at(-1)?.id ?? seen,
  };
}
