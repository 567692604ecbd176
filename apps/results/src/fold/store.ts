import type { AttemptPolicy } from '@schoolbell/contracts';
import { booleanArray, byteaArray, instantArray, integerArray, millionthsArray, textArray, type Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import type { Attempt } from '../attempts/register.ts';
import { microsOf, parseMicros } from '../decimals/micros.ts';
import { renderEntry } from '../summaries/render.ts';
import type { Totals } from '../summaries/totals.ts';
import * as sql from './statements.ts';
import type { Standing, TestKey } from './standings.ts';

export interface Organization {
  readonly organizationId: string;
  readonly policy: AttemptPolicy;
  readonly testsMax: number;
  readonly coursesMax: number;
  readonly version: number;
}

export interface AttemptKey {
  readonly organizationId: string;
  readonly attemptId: string;
}

export interface LearnerKey {
  readonly organizationId: string;
  readonly learnerId: string;
}

export interface Learner extends LearnerKey {
  readonly revision: number;
  readonly version: number;
  readonly totals: Totals;
  readonly courses: number;
  readonly contentSha256: string | null;
}

export type CourseKey = Omit<TestKey, 'testId'>;
export interface CourseTotals extends Totals, CourseKey {}

/** A learner as the fold leaves it. `body` only when the content changed. */
export interface LearnerChange extends Learner {
  readonly body: string | undefined;
}

/** A summary in the queue. */
export interface QueuedSummary extends LearnerKey {
  readonly id: number;
  readonly revision: number;
  readonly body: string;
}

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

/** How many were inserted: fewer than given when somebody else inserted one of them meanwhile. */
export async function insertNewAttempts(tx: Tx, attempts: readonly Attempt[]): Promise<number> {
  if (attempts.length === 0) return 0;
  const [row] = await tx.query<{ count: number }>(sql.insertAttempts, attemptArrays(attempts));
  return row?.count ?? 0;
}

export async function updateKnownAttempts(tx: Tx, attempts: readonly Attempt[]): Promise<void> {
  if (attempts.length > 0) await tx.query(sql.updateAttempts, attemptArrays(attempts));
}

/** How many were inserted: fewer than given when somebody else inserted one of them meanwhile. */
export async function insertNewLearners(tx: Tx, learners: readonly Learner[], nowMs: number): Promise<number> {
  if (learners.length === 0) return 0;
  const versions = integerArray(learners.map(({ version }) => version));
  const [row] = await tx.query<{ count: number }>(sql.insertLearners, [...learnerArrays(learners), versions, formatInstant(nowMs)]);
  return row?.count ?? 0;
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

/** Of the tests, and of those whose attempts are voided. */
export async function standingsOfTests(tx: Tx, keys: readonly TestKey[], voids: readonly AttemptKey[]): Promise<Standing[]> {
  if (keys.length === 0 && voids.length === 0) return [];
  return (await tx.query<StandingRow>(sql.readStandings, [...testArrays(keys), ...attemptKeyArrays(voids)])).map(standingOfRow);
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

/** Of the courses, and of those whose attempts are voided. */
export async function courseTotalsOf(tx: Tx, keys: readonly CourseKey[], voids: readonly AttemptKey[]): Promise<CourseTotals[]> {
  if (keys.length === 0 && voids.length === 0) return [];
  const rows = await tx.query<TotalsRow & { organization_id: string; learner_id: string; course_id: string }>(sql.readCourseTotals, [
    ...courseArrays(keys),
    ...attemptKeyArrays(voids),
  ]);
  return rows.map((row) => ({ organizationId: row.organization_id, learnerId: row.learner_id, courseId: row.course_id, ...totalsOf(row) }));
}

export async function courseTotalsOfLearners(tx: Tx, keys: readonly LearnerKey[]): Promise<CourseTotals[]> {
  return keys.length === 0 ? [] : (await readCourses(tx, keys, null)).flat();
}

export async function writeStandingRows(tx: Tx, upserts: readonly Standing[], gone: readonly TestKey[]): Promise<void> {
  await Promise.all([
    upserts.length === 0
      ? undefined
      : tx.query(sql.writeStandings, [
          ...testArrays(upserts),
          textArray(upserts.map((standing) => standing.attemptId)),
          millionthsArray(upserts.map((standing) => standing.score)),
          millionthsArray(upserts.map((standing) => standing.maxScore)),
          booleanArray(upserts.map((standing) => standing.passed)),
          instantArray(upserts.map((standing) => standing.completedAtMs)),
          textArray(upserts.map(renderEntry)),
        ]),
    gone.length === 0 ? undefined : tx.query(sql.deleteStandings, testArrays(gone)),
  ]);
}

/** Courses without a test left are removed. */
export async function writeCourseRows(tx: Tx, courses: readonly CourseTotals[]): Promise<void> {
  const present = courses.filter(({ testsCompleted }) => testsCompleted > 0);
  const gone = courses.filter(({ testsCompleted }) => testsCompleted === 0);
  await Promise.all([
    present.length === 0
      ? undefined
      : tx.query(sql.writeCourseTotals, [
          ...courseArrays(present),
          millionthsArray(present.map((course) => course.score)),
          millionthsArray(present.map((course) => course.maxScore)),
          integerArray(present.map((course) => course.testsCompleted)),
          integerArray(present.map((course) => course.testsPassed)),
        ]),
    gone.length === 0 ? undefined : tx.query(sql.deleteCourseTotals, courseArrays(gone)),
  ]);
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

/** The last of a fold: they travel with the commit. `queued` hears where those who are told stand in the queue. */
export function sendLearnerRows(tx: Tx, learners: readonly LearnerChange[], nowMs: number, queued: (rows: readonly QueuedSummary[]) => void): void {
  if (learners.length === 0) return;
  const told = learners.filter(({ body }) => body !== undefined);
  tx.send(sql.writeLearners, [
    ...learnerArrays(learners),
    integerArray(learners.map((learner) => learner.revision)),
    integerArray(learners.map((learner) => learner.version)),
    millionthsArray(learners.map((learner) => learner.totals.score)),
    millionthsArray(learners.map((learner) => learner.totals.maxScore)),
    integerArray(learners.map((learner) => learner.totals.testsCompleted)),
    integerArray(learners.map((learner) => learner.totals.testsPassed)),
    integerArray(learners.map((learner) => learner.courses)),
    byteaArray(learners.map(({ contentSha256 }) => (contentSha256 === null ? null : Buffer.from(contentSha256, 'hex')))),
    textArray(learners.map((learner) => learner.body ?? null)),
    formatInstant(nowMs),
  ]);
  if (told.length > 0) {
    const values = [...learnerArrays(told), integerArray(told.map((learner) => learner.revision))];
    tx.send<{ id: number }>(sql.queueSummaries, values, (ids) => queued(told.map((learner, index) => ({ ...learner, body: learner.body!, id: ids[index]!.id }))));
  }
}

const attemptKeyArrays = (keys: readonly AttemptKey[]): Buffer[] => [
  textArray(keys.map((key) => key.organizationId)),
  textArray(keys.map((key) => key.attemptId)),
];
const learnerArrays = (keys: readonly LearnerKey[]): Buffer[] => [
  textArray(keys.map((key) => key.organizationId)),
  textArray(keys.map((key) => key.learnerId)),
];
const courseArrays = (keys: readonly CourseKey[]): Buffer[] => [...learnerArrays(keys), textArray(keys.map((key) => key.courseId))];
const testArrays = (keys: readonly TestKey[]): Buffer[] => [...courseArrays(keys), textArray(keys.map((key) => key.testId))];

function attemptArrays(attempts: readonly Attempt[]): Buffer[] {
  return [
    ...attemptKeyArrays(attempts),
    textArray(attempts.map(({ facts }) => facts?.learnerId ?? null)),
    textArray(attempts.map(({ facts }) => facts?.courseId ?? null)),
    textArray(attempts.map(({ facts }) => facts?.testId ?? null)),
    millionthsArray(attempts.map(({ facts }) => facts?.score ?? null)),
    millionthsArray(attempts.map(({ facts }) => facts?.maxScore ?? null)),
    booleanArray(attempts.map(({ facts }) => facts?.passed ?? null)),
    textArray(attempts.map(({ facts }) => facts?.kind ?? null)),
    instantArray(attempts.map(({ facts }) => facts?.startedAtMs ?? null)),
    instantArray(attempts.map(({ facts }) => facts?.completedAtMs ?? null)),
    instantArray(attempts.map(({ facts }) => facts?.decidedAtMs ?? null)),
    textArray(attempts.map(({ facts }) => facts?.decidedBy ?? null)),
    booleanArray(attempts.map(({ voided }) => voided)),
  ];
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
