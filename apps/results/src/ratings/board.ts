// A share of the maximum is a fraction, and fractions are compared exactly: two unequal ones with denominators up to D
// differ by at least 1 / D². Fifty decimals tell them apart while maxima stay below 10^25 millionths, which are ten
// thousand million tests with the greatest maximum; equal fractions have equal decimals. numeric rounds its quotient
// correctly at the scale of the dividend.
const SHARE_DECIMALS = 50;

/** score / maxScore in SQL, so that comparing two of them compares the fractions. */
export const shareOf = (score: string, maxScore: string): string => `round(${score}, ${SHARE_DECIMALS}) / ${maxScore}`;

const columns = 'learner_id, score, max_score, tests_completed, tests_passed';

/** Who is ranked: $1 is the organization, for courses $2 the course. Learners without a result are in no rating. */
export const RATED = {
  organization: `SELECT ${columns} FROM learner WHERE organization_id = $1 AND tests_completed > 0 AND $2::text = ''`,
  course: `SELECT ${columns} FROM course_total WHERE organization_id = $1 AND course_id = $2 AND course_id <> '' AND tests_completed > 0`,
} as const;
export type Board = keyof typeof RATED;

/**
 * The ranking as a common table expression `board`: by share of the maximum, then by score. Equal in both is an equal
 * rank, and the rank after them leaves a gap (competition rank). One sort serves all windows.
 */
export const boardOf = (board: Board): string => `board AS MATERIALIZED (
    SELECT ${columns}, share, rank() OVER shares AS rank,
      count(*) OVER (shares RANGE BETWEEN CURRENT ROW AND CURRENT ROW) AS equal
    FROM (SELECT ${columns}, ${shareOf('score', 'max_score')} AS share FROM (${RATED[board]}) AS totals) AS rated
    WINDOW shares AS (ORDER BY share DESC, score DESC))`;
