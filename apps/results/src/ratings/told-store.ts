import type { Database, Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import { boardOf, type Board } from './board.ts';
import type { RankChange } from './render.ts';

/** A rating that is told: of a course, or of an organization, whose course id is empty. */
export interface RatingKey {
  readonly organizationId: string;
  readonly courseId: string;
}

// From one course to the next by the index, not through all of their learners.
const addRatings = {
  name: 'rating_add',
  text: `WITH RECURSIVE told (organization_id, course_id) AS (
           SELECT k.id, '' COLLATE "C" FROM unnest($1::text[]) AS k (id)
           UNION ALL
           SELECT told.organization_id, (SELECT c.course_id FROM course_total AS c
             WHERE c.organization_id = told.organization_id AND c.course_id > told.course_id AND c.course_id <> ''
             ORDER BY c.course_id LIMIT 1)
           FROM told WHERE told.course_id IS NOT NULL)
         INSERT INTO rating (organization_id, course_id)
         SELECT organization_id, course_id FROM told
         WHERE course_id <> ''
           OR (course_id = '' AND EXISTS (SELECT 1 FROM course_total AS c WHERE c.organization_id = told.organization_id AND c.course_id <> ''))
         ON CONFLICT DO NOTHING`,
};
const claimRating = {
  name: 'rating_claim',
  text: `SELECT r.organization_id AS "organizationId", r.course_id AS "courseId", r.revision
         FROM rating AS r JOIN unnest($1::text[], $2::timestamptz[]) AS due (organization_id, since) USING (organization_id)
         WHERE r.looked_at <= due.since
         ORDER BY r.looked_at, r.organization_id, r.course_id LIMIT 1 FOR UPDATE OF r SKIP LOCKED`,
};
const looked = {
  name: 'rating_looked',
  text: 'UPDATE rating SET looked_at = $3, revision = greatest(revision, $4) WHERE organization_id = $1 AND course_id = $2',
};
const changes = (board: Board) => ({
  name: `rating_changes_${board}`,
  text: `WITH ${boardOf(board)}
         SELECT n.learners, d.* FROM (SELECT count(*)::int AS learners FROM board) AS n
         LEFT JOIN LATERAL (
           SELECT coalesce(board.learner_id, told.learner_id) AS "learnerId", board.rank::int AS rank, board.equal::int AS equal,
             board.score::text AS score, board.max_score::text AS "maxScore"
           FROM board
           FULL JOIN (SELECT learner_id, rank, revision FROM rating_told WHERE organization_id = $1 AND course_id = $2) AS told USING (learner_id)
           WHERE board.rank IS DISTINCT FROM told.rank
           ORDER BY told.revision NULLS FIRST, board.rank, 1 LIMIT $3) AS d ON true`,
});
const statements = { organization: changes('organization'), course: changes('course') };
const keepTold = {
  name: 'rating_keep_told',
  text: `INSERT INTO rating_told (organization_id, course_id, learner_id, rank, revision)
         SELECT $1, $2, k.learner_id, k.rank, $5 FROM unnest($3::text[], $4::int[]) AS k (learner_id, rank)
         ON CONFLICT (organization_id, course_id, learner_id) DO UPDATE SET rank = excluded.rank, revision = excluded.revision`,
};
const forgetTold = {
  name: 'rating_forget_told',
  text: 'DELETE FROM rating_told WHERE organization_id = $1 AND course_id = $2 AND learner_id = ANY ($3::text[])',
};

/** Gives every organization of the list that has a result, and each of its courses, its row. */
export async function addRatingRows(db: Database, organizationIds: readonly string[]): Promise<void> {
  await db.query(addRatings, [organizationIds]);
}

/** A rating that nobody has looked at since the instant of its organization, for this transaction alone. */
export async function claimDueRating(tx: Tx, due: readonly { organizationId: string; sinceMs: number }[]): Promise<(RatingKey & { revision: number }) | undefined> {
  const [row] = await tx.query<RatingKey & { revision: number }>(claimRating, [
    due.map(({ organizationId }) => organizationId),
    due.map(({ sinceMs }) => formatInstant(sinceMs)),
  ]);
  return row;
}

/** Ranks that are not those told, never told ones first, then those told longest ago: a cut list leaves nobody waiting for ever. */
export async function readRankChanges(tx: Tx, { organizationId, courseId }: RatingKey, limit: number): Promise<{ learners: number; changes: RankChange[] }> {
  const statement = courseId === '' ? statements.organization : statements.course;
  const rows = await tx.query<{ learners: number; learnerId: string | null } & RankChange>(statement, [organizationId, courseId, limit]);
  return { learners: rows[0]?.learners ?? 0, changes: rows.filter(({ learnerId }) => learnerId !== null) };
}

/** Writes down what is told in a revision. */
export async function keepToldRanks(tx: Tx, { organizationId, courseId }: RatingKey, revision: number, told: readonly RankChange[]): Promise<void> {
  const [gone, placed] = [told.filter(({ rank }) => rank === null), told.filter(({ rank }) => rank !== null)];
  await Promise.all([
    tx.query(keepTold, [organizationId, courseId, placed.map(({ learnerId }) => learnerId), placed.map(({ rank }) => rank), revision]),
    tx.query(forgetTold, [organizationId, courseId, gone.map(({ learnerId }) => learnerId)]),
  ]);
}

/** The next look is due a full interval after this one. */
export async function keepLook(on: Pick<Tx, 'query'>, { organizationId, courseId }: RatingKey, nowMs: number, revision: number): Promise<void> {
  await on.query(looked, [organizationId, courseId, formatInstant(nowMs), revision]);
}
