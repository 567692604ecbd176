// The summary of a learner computed from all that was ever told, by nothing that the service uses: fractions are
// compared by cross multiplication, sums are whole millionths, nothing is kept up by differences.
import type { AttemptPolicy } from '@schoolbell/contracts';
import { parseInstant } from '@schoolbell/time';
import type { Told } from './story.ts';

export interface ReferenceTotals {
  score: bigint;
  maxScore: bigint;
  /** In hundredths. */
  percent: bigint;
  testsCompleted: number;
  testsPassed: number;
}

export interface ReferenceTest {
  readonly courseId: string;
  readonly testId: string;
  readonly score: bigint;
  readonly maxScore: bigint;
  readonly passed: boolean;
  readonly completedMs: number;
}

export interface ReferenceSummary {
  readonly totals: ReferenceTotals;
  readonly courses: ReadonlyMap<string, ReferenceTotals>;
  readonly tests: readonly ReferenceTest[];
  readonly lastCompletedMs: number | null;
}

export const millionths = (decimal: string | number): bigint => {
  const [whole = '', fraction = ''] = String(decimal).split('.');
  return BigInt(whole + fraction.padEnd(6, '0'));
};

interface Known extends ReferenceTest {
  readonly learnerId: string;
  readonly attemptId: string;
}

/** Summaries of the learners who have a test that counts. */
export function reference(told: readonly Told[], policy: AttemptPolicy): Map<string, ReferenceSummary> {
  const byLearner = Map.groupBy(counting(told, policy), ({ learnerId }) => learnerId);
  return new Map([...byLearner].map(([learnerId, tests]) => [learnerId, summaryOf(tests)]));
}

function counting(told: readonly Told[], policy: AttemptPolicy): Known[] {
  const voided = new Set(told.flatMap(({ data }) => ('learnerId' in data ? [] : [data.attemptId])));
  const results = told.flatMap(({ data }) => ('learnerId' in data && !voided.has(data.attemptId) ? [data] : []));
  const decided = [...Map.groupBy(results, ({ attemptId }) => attemptId).values()].map((all) =>
    all.reduce((a, b) => (a.timestamp === b.timestamp ? (b.webhookId > a.webhookId ? b : a) : parseInstant(b.timestamp) > parseInstant(a.timestamp) ? b : a)),
  );
  const known = decided.map((data): Known => ({
    ...data,
    score: millionths(data.score),
    maxScore: millionths(data.maxScore),
    passed: data.passed === true,
    completedMs: parseInstant(data.completedAt),
  }));
  const groups = Map.groupBy(known, ({ learnerId, courseId, testId }) => [learnerId, courseId, testId].join('\n'));
  return [...groups.values()].map((attempts) => attempts.sort((a, b) => order(policy, a, b)).at(-1)!);
}

function order(policy: AttemptPolicy, a: Known, b: Known): number {
  const share = a.score * b.maxScore - b.score * a.maxScore;
  const later = a.completedMs - b.completedMs;
  const keys = { best: [share > 0n ? 1 : share < 0n ? -1 : 0, later], latest: [later], first: [-later] }[policy];
  return keys.find((key) => key !== 0) ?? (a.attemptId < b.attemptId ? -1 : 1);
}

function summaryOf(tests: readonly ReferenceTest[]): ReferenceSummary {
  const courses = [...Map.groupBy(tests, ({ courseId }) => courseId)].map(([id, list]) => [id, sum(list)] as const);
  return {
    totals: sum(tests),
    courses: new Map(courses),
    tests: tests
      .map(({ courseId, testId, score, maxScore, passed, completedMs }) => ({ courseId, testId, score, maxScore, passed, completedMs }))
      .sort((a, b) => b.completedMs - a.completedMs || compare(a.courseId, b.courseId) || compare(a.testId, b.testId)),
    lastCompletedMs: Math.max(...tests.map(({ completedMs }) => completedMs)),
  };
}

function sum(tests: readonly ReferenceTest[]): ReferenceTotals {
  const score = tests.reduce((all, test) => all + test.score, 0n);
  const maxScore = tests.reduce((all, test) => all + test.maxScore, 0n);
  // Half up: one more where twice the rest reaches the divisor.
  const whole = (10_000n * score) / maxScore;
  const rest = 10_000n * score - whole * maxScore;
  const percent = 2n * rest >= maxScore ? whole + 1n : whole;
  return { score, maxScore, percent, testsCompleted: tests.length, testsPassed: tests.filter(({ passed }) => passed).length };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
