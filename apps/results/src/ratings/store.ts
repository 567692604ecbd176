import type { Database } from '@schoolbell/service-kit';
import { boardOf, shareOf, type Board } from './board.ts';
import type { Place } from './percentile.ts';

/** A line of a rating. Scores as exact decimal text. */
export interface RatedLearner extends Place {
  readonly learnerId: string;
  readonly score: string;
  readonly maxScore: string;
  readonly testsCompleted: number;
  readonly testsPassed: number;
}

/** The last line of the page before: the next page begins behind it, wherever the others have moved meanwhile. */
export interface RatingPosition {
  readonly score: string;
  readonly maxScore: string;
  readonly learnerId: string;
}

/** A page of the rating of an organization, or of one of its courses. */
export interface RatingWish {
  readonly organizationId: string;
  readonly courseId: string | undefined;
  readonly after: RatingPosition | undefined;
  readonly limit: number;
}

export interface RatingPage {
  readonly learners: number;
  readonly items: readonly RatedLearner[];
}

const page = (board: Board) => ({
  name: `rating_page_${board}`,
  text: `WITH ${boardOf(board)}
         SELECT n.learners, p.* FROM (SELECT count(*)::int AS learners FROM board) AS n
         LEFT JOIN LATERAL (
           SELECT learner_id AS "learnerId", rank::int AS rank, equal::int AS equal, score::text AS score, max_score::text AS "maxScore",
             tests_completed AS "testsCompleted", tests_passed AS "testsPassed"
           FROM board
           WHERE $3::numeric IS NULL OR (board.share, board.score) < (${shareOf('$3::numeric', '$4::numeric')}, $3::numeric)
             OR (board.share = ${shareOf('$3::numeric', '$4::numeric')} AND board.score = $3::numeric AND board.learner_id > $5::text)
           ORDER BY board.share DESC, board.score DESC, board.learner_id LIMIT $6) AS p ON true`,
});
const pages = { organization: page('organization'), course: page('course') };

/** The page, ranked among all of them. */
export async function readRating(db: Database, { organizationId, courseId, after, limit }: RatingWish): Promise<RatingPage> {
  const rows = await db.query<{ learners: number; learnerId: string | null }>(courseId === undefined ? pages.organization : pages.course, [
    organizationId,
    courseId ?? '',
    after?.score ?? null,
    after?.maxScore ?? null,
    after?.learnerId ?? null,
    limit,
  ]);
  return { learners: rows[0]?.learners ?? 0, items: rows.filter((row): row is RatedLearner => row.learnerId !== null) };
}
