import type { AttemptPolicy } from '@schoolbell/contracts';
import type { Tx } from '@schoolbell/service-kit';
import type { Attempt } from '../attempts/register.ts';
import { microsOf, parseMicros } from '../decimals/micros.ts';
import type { Totals } from '../summaries/totals.ts';
import { attemptKeyArrays, learnerArrays, testArrays, type AttemptKey, type CourseKey, type LearnerKey } from './keys.ts';
import * as sql from './statements.ts';
import type { Standing, TestKey } from './standings.ts';

/** What a fold reads, set by set. */

export interface Organization {
  readonly organizationId: string;
  readonly policy: AttemptPolicy;
  readonly testsMax: number;
  readonly coursesMax: number;
  readonly version: number;
}

export interface Learner extends LearnerKey {
  readonly revision: number;
  readonly version: number;
  readonly totals: Totals;
  readonly courses: number;
  readonly contentSha256: string | null;
}

export interface CourseTotals extends Totals, CourseKey {}

export interface Lists {
  readonly entries: string;
  readonly entryCount: number;
  readonly lastCompletedAtMs: number | null;
  readonly courses: readonly CourseTotals[];
}

interface AttemptRow {
  organization_id: string;
  attempt_id: string;
  learner_id: string | null;
  course_id: string;
  test_id: string;
  score: string;
  max_score: string;
  passed: boolean;
  kind: string | null;
  started_ms: number | null;
  completed_ms: number;
  decided_ms: number;
  decided_by: string;
  voided: boolean;
}
interface StandingRow {
  organization_id: string;
  learner_id: string;
  course_id: string;
  test_id: string;
  attempt_id: string;
  score: string;
  max_score: string;
  passed: boolean;
  completed_ms: number;
}
interface TotalsRow {
  score: string;
  max_score: string;
  tests_completed: number;
  tests_passed: number;
}
/** Where nothing counts for the test yet, or nothing in its course, those columns are null. */
type TestRow = (StandingRow | (Pick<StandingRow, 'organization_id' | 'learner_id' | 'course_id' | 'test_id'> & { attempt_id: null })) &
  ({ course_score: string; course_max_score: string; tests_completed: number; tests_passed: number } | { course_score: null });

export async function readAttemptsForUpdate(tx: Tx, keys: readonly AttemptKey[]): Promise<Attempt[]> {
  return (await tx.query<AttemptRow>(sql.lockAttempts, attemptKeyArrays(keys))).map(attemptOf);
}

export async function organizations(tx: Tx, ids: readonly string[]): Promise<Map<string, Organization>> {
  const rows = await tx.query<{ organization_id: string; policy: AttemptPolicy; tests_max: number; courses_max: number; version: number }>(
    sql.readOrganizations,
    [ids],
  );
  return new Map(
    rows.map((row) => [
      row.organization_id,
      { organizationId: row.organization_id, policy: row.policy, testsMax: row.tests_max, coursesMax: row.courses_max, version: row.version },
    ]),
  );
}

/** Those of the keys that exist, and those whose attempts are voided. */
export async function lockLearnerRows(tx: Tx, keys: readonly LearnerKey[], voids: readonly AttemptKey[] = []): Promise<Learner[]> {
  if (keys.length === 0 && voids.length === 0) return [];
  const rows = await tx.query<
    TotalsRow & { organization_id: string; learner_id: string; revision: number; version: number; courses: number; content_sha256: string | null }
  >(sql.lockLearners, [...learnerArrays(keys), ...attemptKeyArrays(voids)]);
  return rows.map((row) => ({
    organizationId: row.organization_id,
    learnerId: row.learner_id,
    revision: row.revision,
    version: row.version,
    totals: totalsOf(row),
    courses: row.courses,
    contentSha256: row.content_sha256,
  }));
}

/** What counts for the tests, and for those whose attempts are voided, with the totals of their courses. */
export async function testsOf(tx: Tx, keys: readonly TestKey[], voids: readonly AttemptKey[]): Promise<{ holders: Standing[]; courses: CourseTotals[] }> {
  if (keys.length === 0 && voids.length === 0) return { holders: [], courses: [] };
  const holders: Standing[] = [];
  const courses: CourseTotals[] = [];
  for (const row of await tx.query<TestRow>(sql.readTests, [...testArrays(keys), ...attemptKeyArrays(voids)])) {
    if (row.attempt_id !== null) holders.push(standingOfRow(row));
    if (row.course_score === null) continue;
    // Once for each of its tests: the same each time.
    const { organization_id: organizationId, learner_id: learnerId, course_id: courseId, course_score: score, course_max_score: max_score, tests_completed, tests_passed } = row;
    courses.push({ organizationId, learnerId, courseId, ...totalsOf({ score, max_score, tests_completed, tests_passed }) });
  }
  return { holders, courses };
}

export async function standingsOfLearners(tx: Tx, keys: readonly LearnerKey[]): Promise<Standing[]> {
  return keys.length === 0 ? [] : (await tx.query<StandingRow>(sql.readStandingsOfLearners, learnerArrays(keys))).map(standingOfRow);
}

export async function attemptsOfTests(tx: Tx, keys: readonly TestKey[]): Promise<Attempt[]> {
  return keys.length === 0 ? [] : (await tx.query<AttemptRow>(sql.readAttemptsOfTests, testArrays(keys))).map(attemptOf);
}

export async function attemptsOfLearners(tx: Tx, keys: readonly LearnerKey[]): Promise<Attempt[]> {
  return keys.length === 0 ? [] : (await tx.query<AttemptRow>(sql.readAttemptsOfLearners, learnerArrays(keys))).map(attemptOf);
}

export async function courseTotalsOfLearners(tx: Tx, keys: readonly LearnerKey[]): Promise<CourseTotals[]> {
  return keys.length === 0 ? [] : (await readCourses(tx, keys, null)).flat();
}

/** The bounded lists of each learner's summary, in the order of the keys. */
export async function summaryLists(tx: Tx, keys: readonly LearnerKey[], bounds: { testsMax: number; coursesMax: number }): Promise<Lists[]> {
  const [entries, courses] = await Promise.all([
    tx.query<{ entries: string; count: number; last_ms: number | null }>(sql.readEntries, [...learnerArrays(keys), bounds.testsMax]),
    readCourses(tx, keys, bounds.coursesMax),
  ]);
  return entries.map((row, index) => ({
    entries: row.entries,
    entryCount: row.count,
    lastCompletedAtMs: row.last_ms,
    courses: courses[index]!,
  }));
}

/** The first courses of each learner, in the order of the keys; null: all. */
async function readCourses(tx: Tx, keys: readonly LearnerKey[], max: number | null): Promise<CourseTotals[][]> {
  const courses = keys.map((): CourseTotals[] => []);
  for (const row of await tx.query<TotalsRow & { n: number; course_id: string }>(sql.readCourses, [...learnerArrays(keys), max])) {
    const { organizationId, learnerId } = keys[row.n - 1]!;
    courses[row.n - 1]!.push({ organizationId, learnerId, courseId: row.course_id, ...totalsOf(row) });
  }
  return courses;
}

function attemptOf(row: AttemptRow): Attempt {
  const { organization_id: organizationId, attempt_id: attemptId, voided } = row;
  if (row.learner_id === null) return { organizationId, attemptId, voided, facts: undefined };
  return {
    organizationId,
    attemptId,
    voided,
    facts: {
      learnerId: row.learner_id,
      courseId: row.course_id,
      testId: row.test_id,
      score: microsOf(Number(row.score)),
      maxScore: microsOf(Number(row.max_score)),
      passed: row.passed,
      kind: row.kind,
      startedAtMs: row.started_ms,
      completedAtMs: row.completed_ms,
      decidedAtMs: row.decided_ms,
      decidedBy: row.decided_by,
    },
  };
}

const standingOfRow = (row: StandingRow): Standing => ({
  organizationId: row.organization_id,
  learnerId: row.learner_id,
  courseId: row.course_id,
  testId: row.test_id,
  attemptId: row.attempt_id,
  score: microsOf(Number(row.score)),
  maxScore: microsOf(Number(row.max_score)),
  passed: row.passed,
  completedAtMs: row.completed_ms,
});

const totalsOf = (row: TotalsRow): Totals => ({
  score: parseMicros(row.score),
  maxScore: parseMicros(row.max_score),
  testsCompleted: row.tests_completed,
  testsPassed: row.tests_passed,
});
