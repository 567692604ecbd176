import type { Database } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';

const readSummary = {
  name: 'reading_summary',
  text: 'SELECT body FROM learner WHERE organization_id = $1 AND learner_id = $2 AND body IS NOT NULL',
};
const ms = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::float8`;
const resultsOfLearner = {
  name: 'reading_results_of_learner',
  text: `SELECT a.attempt_id AS "attemptId", a.course_id AS "courseId", a.test_id AS "testId", a.score::text AS score, a.max_score::text AS "maxScore",
           a.passed, a.kind, ${ms('a.started_at')} AS "startedAtMs", ${ms('a.completed_at')} AS "completedAtMs", a.voided, s.counts IS NOT NULL AS counts
         FROM (SELECT * FROM attempt WHERE organization_id = $1 AND learner_id = $2
             AND ($3::timestamptz IS NULL OR (completed_at, attempt_id) < ($3::timestamptz, $4::text))
           ORDER BY completed_at DESC, attempt_id DESC LIMIT $5) AS a
         LEFT JOIN LATERAL (SELECT true AS counts FROM standing WHERE standing.organization_id = a.organization_id AND standing.learner_id = a.learner_id
           AND standing.course_id = a.course_id AND standing.test_id = a.test_id AND standing.attempt_id = a.attempt_id OFFSET 0) AS s ON true
         ORDER BY a.completed_at DESC, a.attempt_id DESC`,
};
// Through the learners of the course: an index of the standings by test would cost every webhook something.
const resultsOfTest = {
  name: 'reading_results_of_test',
  text: `SELECT s.learner_id AS "learnerId", s.attempt_id AS "attemptId", s.score::text AS score, s.max_score::text AS "maxScore", s.passed,
           ${ms('s.completed_at')} AS "completedAtMs"
         FROM course_total AS c
         CROSS JOIN LATERAL (SELECT * FROM standing WHERE standing.organization_id = c.organization_id AND standing.learner_id = c.learner_id
           AND standing.course_id = c.course_id AND standing.test_id = $3 OFFSET 0) AS s
         WHERE c.organization_id = $1 AND c.course_id = $2 AND c.course_id <> '' AND c.learner_id > $4
         ORDER BY c.learner_id LIMIT $5`,
};

/** An attempt as it is read. Scores as exact decimal text. */
export interface LearnerResult {
  readonly attemptId: string;
  readonly courseId: string;
  readonly testId: string;
  readonly score: string;
  readonly maxScore: string;
  readonly passed: boolean;
  readonly kind: string | null;
  readonly startedAtMs: number | null;
  readonly completedAtMs: number;
  readonly voided: boolean;
  /** It is the attempt that counts for its test. */
  readonly counts: boolean;
}

export type TestResult = Omit<LearnerResult, 'courseId' | 'testId' | 'kind' | 'startedAtMs' | 'voided' | 'counts'> & { readonly learnerId: string };

/** The newest message about a learner, byte for byte; undefined when there was none yet. */
export async function readSummaryText(db: Database, organizationId: string, learnerId: string): Promise<string | undefined> {
  const [row] = await db.query<{ body: string }>(readSummary, [organizationId, learnerId]);
  return row?.body;
}

const learnerRevisions = {
  name: 'reading_learner_revisions',
  text: `SELECT organization_id AS "organizationId", revision, tests_completed AS "testsCompleted", tests_passed AS "testsPassed",
           ${ms('updated_at')} AS "updatedAtMs"
         FROM learner WHERE organization_id = ANY ($1::text[]) AND learner_id = $2 AND body IS NOT NULL ORDER BY organization_id LIMIT $3`,
};

/** How far a learner's summary has come in an organization. */
export interface LearnerRevision {
  readonly organizationId: string;
  readonly revision: number;
  readonly testsCompleted: number;
  readonly testsPassed: number;
  readonly updatedAtMs: number;
}

/** The newest revision of a learner in each of the organizations that knows the id. */
export function readLearnerRevisions(db: Database, options: { organizations: readonly string[]; learnerId: string; limit: number }): Promise<LearnerRevision[]> {
  return db.query(learnerRevisions, [options.organizations, options.learnerId, options.limit]);
}

/** All attempts of a learner, newest first, voided ones too. */
export function readLearnerResults(
  db: Database,
  options: { organizationId: string; learnerId: string; after: { completedAtMs: number; attemptId: string } | undefined; limit: number },
): Promise<LearnerResult[]> {
  const { organizationId, learnerId, after, limit } = options;
  return db.query(resultsOfLearner, [organizationId, learnerId, after === undefined ? null : formatInstant(after.completedAtMs), after?.attemptId ?? null, limit]);
}

/** The attempt that counts of every learner who did the test, by learner. */
export function readTestResults(
  db: Database,
  options: { organizationId: string; courseId: string; testId: string; after: string | undefined; limit: number },
): Promise<TestResult[]> {
  const { organizationId, courseId, testId, after = '', limit } = options;
  return db.query(resultsOfTest, [organizationId, courseId, testId, after, limit]);
}
