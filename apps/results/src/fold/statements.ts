// Every read is a LATERAL per key with OFFSET 0, which keeps the planner from making a join of it, and every write is an
// upsert: a plan that was made while the table was small is kept for long, and joined it scans the whole table. The
// keys come sorted, and a locking read locks in their order, so that two folds never wait for each other in a circle:
// attempts first, then learners.

/** In milliseconds. `extract` would compute a numeric, digit by digit. */
const epochMs = (instant: string): string => `round(date_part('epoch', ${instant}) * 1000)`;

const attemptColumns = `a.organization_id, a.attempt_id, a.learner_id, a.course_id, a.test_id, a.score, a.max_score, a.passed, a.kind,
  ${epochMs('a.started_at')} AS started_ms, ${epochMs('a.completed_at')} AS completed_ms, ${epochMs('a.decided_at')} AS decided_ms,
  a.decided_by, a.voided`;
const learnerColumns = `l.organization_id, l.learner_id, l.revision, l.version, l.score, l.max_score, l.tests_completed, l.tests_passed,
  l.courses, encode(l.content_sha256, 'hex') AS content_sha256`;

/** A void names its attempt only: whose attempts they are, and at which tests, the table knows. */
const attemptsOfVoids = (organizations: string, attempts: string): string => `unnest(${organizations}::text[], ${attempts}::text[]) AS v (organization_id, attempt_id)
         CROSS JOIN LATERAL (SELECT * FROM attempt WHERE attempt.organization_id = v.organization_id
           AND attempt.attempt_id = v.attempt_id AND attempt.learner_id IS NOT NULL OFFSET 0) AS a`;

export const lockAttempts = {
  name: 'fold_lock_attempts',
  text: `SELECT ${attemptColumns}
         FROM unnest($1::text[], $2::text[]) AS k (organization_id, attempt_id)
         CROSS JOIN LATERAL (SELECT * FROM attempt
           WHERE attempt.organization_id = k.organization_id AND attempt.attempt_id = k.attempt_id FOR UPDATE) AS a`,
};
export const insertAttempts = {
  name: 'fold_insert_attempts',
  text: `WITH fresh AS (
           INSERT INTO attempt (organization_id, attempt_id, learner_id, course_id, test_id, score, max_score, passed, kind,
                                started_at, completed_at, decided_at, decided_by, voided)
           SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::numeric[], $7::numeric[], $8::boolean[],
             $9::text[], $10::timestamptz[], $11::timestamptz[], $12::timestamptz[], $13::text[], $14::boolean[])
           ON CONFLICT DO NOTHING RETURNING 1)
         SELECT count(*)::int AS count FROM fresh`,
};
export const updateAttempts = {
  name: 'fold_update_attempts',
  text: `INSERT INTO attempt (organization_id, attempt_id, learner_id, course_id, test_id, score, max_score, passed, kind,
                              started_at, completed_at, decided_at, decided_by, voided)
         SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::numeric[], $7::numeric[], $8::boolean[],
           $9::text[], $10::timestamptz[], $11::timestamptz[], $12::timestamptz[], $13::text[], $14::boolean[])
         ON CONFLICT (organization_id, attempt_id) DO UPDATE SET learner_id = excluded.learner_id, course_id = excluded.course_id,
           test_id = excluded.test_id, score = excluded.score, max_score = excluded.max_score, passed = excluded.passed,
           kind = excluded.kind, started_at = excluded.started_at, completed_at = excluded.completed_at,
           decided_at = excluded.decided_at, decided_by = excluded.decided_by, voided = excluded.voided`,
};
export const readOrganizations = {
  name: 'fold_organizations',
  text: 'SELECT organization_id, policy, tests_max, courses_max, version FROM organization WHERE organization_id = ANY ($1::text[])',
};
/**
 * A learner who is being inserted is seen by nobody who looks for learners of an older version. Whoever closes a version
 * takes this lock alone, so there is none then: the folds share it until they commit.
 */
const VERSIONS_LOCK = `hashtextextended('results:versions', 0)`;
export const holdVersions = { name: 'fold_hold_versions', text: `SELECT pg_advisory_xact_lock_shared(${VERSIONS_LOCK})` };
/** Tried, because folds come first. */
export const tryVersionsAlone = { name: 'fold_versions_alone', text: `SELECT pg_try_advisory_xact_lock(${VERSIONS_LOCK}) AS alone` };
export const insertLearners = {
  name: 'fold_insert_learners',
  text: `WITH fresh AS (
           INSERT INTO learner (organization_id, learner_id, version, updated_at)
           SELECT k.organization_id, k.learner_id, k.version, $4::timestamptz
           FROM unnest($1::text[], $2::text[], $3::int[]) AS k (organization_id, learner_id, version)
           WHERE k.version = (SELECT o.version FROM organization AS o WHERE o.organization_id = k.organization_id)
           ON CONFLICT DO NOTHING RETURNING 1)
         SELECT count(*)::int AS count FROM fresh`,
};
/** Sorted here: the learners of voids are not known before. */
export const lockLearners = {
  name: 'fold_lock_learners',
  text: `SELECT ${learnerColumns}
         FROM (SELECT DISTINCT * FROM (
             SELECT * FROM unnest($1::text[], $2::text[]) AS told (organization_id, learner_id)
             UNION ALL SELECT a.organization_id, a.learner_id FROM ${attemptsOfVoids('$3', '$4')}) AS named
           ORDER BY organization_id, learner_id) AS k
         CROSS JOIN LATERAL (SELECT * FROM learner
           WHERE learner.organization_id = k.organization_id AND learner.learner_id = k.learner_id FOR UPDATE) AS l`,
};
/** Of each test what counts, and what its course sums up to: either may not be there yet. */
export const readTests = {
  name: 'fold_tests',
  text: `SELECT k.organization_id, k.learner_id, k.course_id, k.test_id, s.attempt_id, s.score, s.max_score, s.passed,
           ${epochMs('s.completed_at')} AS completed_ms,
           c.score AS course_score, c.max_score AS course_max_score, c.tests_completed, c.tests_passed
         FROM (SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS told (organization_id, learner_id, course_id, test_id)
           UNION ALL SELECT a.organization_id, a.learner_id, a.course_id, a.test_id FROM ${attemptsOfVoids('$5', '$6')}) AS k
         LEFT JOIN LATERAL (SELECT * FROM standing WHERE standing.organization_id = k.organization_id
           AND standing.learner_id = k.learner_id AND standing.course_id = k.course_id AND standing.test_id = k.test_id OFFSET 0) AS s ON true
         LEFT JOIN LATERAL (SELECT * FROM course_total WHERE course_total.organization_id = k.organization_id
           AND course_total.learner_id = k.learner_id AND course_total.course_id = k.course_id OFFSET 0) AS c ON true`,
};
export const readStandingsOfLearners = {
  name: 'fold_standings_of_learners',
  text: `SELECT s.organization_id, s.learner_id, s.course_id, s.test_id, s.attempt_id, s.score, s.max_score, s.passed,
           ${epochMs('s.completed_at')} AS completed_ms
         FROM unnest($1::text[], $2::text[]) AS k (organization_id, learner_id)
         CROSS JOIN LATERAL (SELECT * FROM standing
           WHERE standing.organization_id = k.organization_id AND standing.learner_id = k.learner_id OFFSET 0) AS s`,
};
export const readAttemptsOfTests = {
  name: 'fold_attempts_of_tests',
  text: `SELECT ${attemptColumns}
         FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS k (organization_id, learner_id, course_id, test_id)
         CROSS JOIN LATERAL (SELECT * FROM attempt WHERE attempt.organization_id = k.organization_id AND attempt.learner_id = k.learner_id
           AND attempt.course_id = k.course_id AND attempt.test_id = k.test_id AND NOT attempt.voided OFFSET 0) AS a`,
};
export const readAttemptsOfLearners = {
  name: 'fold_attempts_of_learners',
  text: `SELECT ${attemptColumns} FROM unnest($1::text[], $2::text[]) AS k (organization_id, learner_id)
         CROSS JOIN LATERAL (SELECT * FROM attempt WHERE attempt.organization_id = k.organization_id
           AND attempt.learner_id = k.learner_id AND NOT attempt.voided OFFSET 0) AS a`,
};
/** In one statement: an upsert of a few rows costs as much to begin as to do. */
export const writeTests = {
  name: 'fold_write_tests',
  text: `WITH standings AS (
           INSERT INTO standing (organization_id, learner_id, course_id, test_id, attempt_id, score, max_score, passed, completed_at, entry)
           SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::numeric[], $7::numeric[], $8::boolean[],
             $9::timestamptz[], $10::text[])
           ON CONFLICT (organization_id, learner_id, course_id, test_id) DO UPDATE SET attempt_id = excluded.attempt_id,
             score = excluded.score, max_score = excluded.max_score, passed = excluded.passed, completed_at = excluded.completed_at,
             entry = excluded.entry)
         INSERT INTO course_total (organization_id, learner_id, course_id, score, max_score, tests_completed, tests_passed)
         SELECT * FROM unnest($11::text[], $12::text[], $13::text[], $14::numeric[], $15::numeric[], $16::int[], $17::int[])
         ON CONFLICT (organization_id, learner_id, course_id) DO UPDATE SET score = excluded.score, max_score = excluded.max_score,
           tests_completed = excluded.tests_completed, tests_passed = excluded.tests_passed`,
};
export const deleteStandings = {
  name: 'fold_delete_standings',
  text: `DELETE FROM standing USING unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS k (organization_id, learner_id, course_id, test_id)
         WHERE standing.organization_id = k.organization_id AND standing.learner_id = k.learner_id
           AND standing.course_id = k.course_id AND standing.test_id = k.test_id`,
};
export const deleteCourseTotals = {
  name: 'fold_delete_course_totals',
  text: `DELETE FROM course_total USING unnest($1::text[], $2::text[], $3::text[]) AS k (organization_id, learner_id, course_id)
         WHERE course_total.organization_id = k.organization_id AND course_total.learner_id = k.learner_id AND course_total.course_id = k.course_id`,
};
export const readEntries = {
  name: 'fold_entries',
  text: `SELECT coalesce(e.entries, '') AS entries, e.count::int AS count, ${epochMs('e.last')} AS last_ms
         FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS k (organization_id, learner_id, n)
         CROSS JOIN LATERAL (
           SELECT string_agg(entry, ',') AS entries, count(*) AS count, max(completed_at) AS last
           FROM (SELECT entry, completed_at FROM standing
             WHERE standing.organization_id = k.organization_id AND standing.learner_id = k.learner_id AND standing.completed_at > '-infinity'
             ORDER BY completed_at DESC, course_id, test_id LIMIT $3) AS newest) AS e
         ORDER BY k.n`,
};
export const readCourses = {
  name: 'fold_courses',
  text: `SELECT k.n::int AS n, c.course_id, c.score, c.max_score, c.tests_completed, c.tests_passed
         FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS k (organization_id, learner_id, n)
         CROSS JOIN LATERAL (SELECT * FROM course_total
           WHERE course_total.organization_id = k.organization_id AND course_total.learner_id = k.learner_id
           ORDER BY course_id LIMIT $3) AS c
         ORDER BY k.n, c.course_id`,
};
/** The learners, and the queue of those who are told. */
export const writeLearners = {
  name: 'fold_write_learners',
  text: `WITH written AS (
           INSERT INTO learner (organization_id, learner_id, revision, version, score, max_score, tests_completed, tests_passed,
                                courses, content_sha256, body, updated_at)
           SELECT k.organization_id, k.learner_id, k.revision, k.version, k.score, k.max_score, k.tests_completed, k.tests_passed,
             k.courses, k.content_sha256, k.body, $12::timestamptz
           FROM unnest($1::text[], $2::text[], $3::int[], $4::int[], $5::numeric[], $6::numeric[], $7::int[], $8::int[], $9::int[],
             $10::bytea[], $11::text[])
             AS k (organization_id, learner_id, revision, version, score, max_score, tests_completed, tests_passed, courses, content_sha256, body)
           ON CONFLICT (organization_id, learner_id) DO UPDATE SET revision = excluded.revision, version = excluded.version,
             score = excluded.score, max_score = excluded.max_score, tests_completed = excluded.tests_completed,
             tests_passed = excluded.tests_passed, courses = excluded.courses, content_sha256 = excluded.content_sha256,
             body = coalesce(excluded.body, learner.body), updated_at = excluded.updated_at)
         INSERT INTO summary_queue (organization_id, learner_id, revision)
         SELECT * FROM unnest($13::text[], $14::text[], $15::int[]) RETURNING id::float8 AS id`,
};
