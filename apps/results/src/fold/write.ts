import { booleanArray, byteaArray, instantArray, integerArray, millionthsArray, textArray, type Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import type { Attempt } from '../attempts/register.ts';
import { renderEntry } from '../summaries/render.ts';
import { attemptKeyArrays, courseArrays, learnerArrays, testArrays, type LearnerKey } from './keys.ts';
import type { CourseTotals, Learner } from './read.ts';
import * as sql from './statements.ts';
import type { Standing, TestKey } from './standings.ts';

/** What a fold writes, set by set. */

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

/** How many were inserted: fewer than given when somebody else inserted one of them meanwhile. */
export async function insertNewAttempts(tx: Tx, attempts: readonly Attempt[]): Promise<number> {
  if (attempts.length === 0) return 0;
  const [row] = await tx.query<{ count: number }>(sql.insertAttempts, attemptArrays(attempts));
  return row?.count ?? 0;
}

export async function updateKnownAttempts(tx: Tx, attempts: readonly Attempt[]): Promise<void> {
  if (attempts.length > 0) await tx.query(sql.updateAttempts, attemptArrays(attempts));
}

/** How many were inserted: fewer than given when somebody else inserted one of them meanwhile, or a version is not in force any more. */
export async function insertNewLearners(tx: Tx, learners: readonly Learner[], nowMs: number): Promise<number> {
  if (learners.length === 0) return 0;
  const versions = integerArray(learners.map(({ version }) => version));
  // In one flight, but two statements: what the second sees is as new as the lock.
  const [, [row]] = await Promise.all([
    tx.query(sql.holdVersions, []),
    tx.query<{ count: number }>(sql.insertLearners, [...learnerArrays(learners), versions, formatInstant(nowMs)]),
  ]);
  return row?.count ?? 0;
}

/** What counts for tests, and what their courses sum up to; courses without a test left are removed. All sorted. */
export async function writeTestRows(tx: Tx, rows: { standings: readonly Standing[]; gone: readonly TestKey[]; courses: readonly CourseTotals[] }): Promise<void> {
  const { standings, gone } = rows;
  const courses = rows.courses.filter(({ testsCompleted }) => testsCompleted > 0);
  const emptied = rows.courses.filter(({ testsCompleted }) => testsCompleted === 0);
  await Promise.all([
    standings.length + courses.length === 0
      ? undefined
      : tx.query(sql.writeTests, [
          ...testArrays(standings),
          textArray(standings.map((standing) => standing.attemptId)),
          millionthsArray(standings.map((standing) => standing.score)),
          millionthsArray(standings.map((standing) => standing.maxScore)),
          booleanArray(standings.map((standing) => standing.passed)),
          instantArray(standings.map((standing) => standing.completedAtMs)),
          textArray(standings.map(renderEntry)),
          ...courseArrays(courses),
          millionthsArray(courses.map((course) => course.score)),
          millionthsArray(courses.map((course) => course.maxScore)),
          integerArray(courses.map((course) => course.testsCompleted)),
          integerArray(courses.map((course) => course.testsPassed)),
        ]),
    gone.length === 0 ? undefined : tx.query(sql.deleteStandings, testArrays(gone)),
    emptied.length === 0 ? undefined : tx.query(sql.deleteCourseTotals, courseArrays(emptied)),
  ]);
}

/** The last of a fold: it travels with the commit. `queued` hears where those who are told stand in the queue. */
export function sendLearnerRows(tx: Tx, learners: readonly LearnerChange[], nowMs: number, queued: (rows: readonly QueuedSummary[]) => void): void {
  if (learners.length === 0) return;
  const told = learners.filter(({ body }) => body !== undefined);
  const values = [
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
    ...learnerArrays(told),
    integerArray(told.map((learner) => learner.revision)),
  ];
  tx.send<{ id: number }>(sql.writeLearners, values, (ids) => {
    if (told.length > 0) queued(told.map((learner, index) => ({ ...learner, body: learner.body!, id: ids[index]!.id })));
  });
}

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
