// What every learner's summary must say, computed from the webhooks alone. Written from the design's rules and on
// purpose in another way than the services: whole history in memory, BigInt millionths, no increments, no SQL.
import { parseInstant } from '@schoolbell/time';
import { parseExact, percentMicros } from './decimal.ts';

export type Policy = 'best' | 'latest' | 'first';

export interface Totals {
  score: bigint;
  maxScore: bigint;
  percent: bigint;
  testsCompleted: number;
  testsPassed: number;
}
export interface ExpectedTest {
  readonly score: bigint;
  readonly maxScore: bigint;
  readonly passed: boolean;
  readonly completedMs: number;
}
export interface ExpectedSummary {
  readonly totals: Totals;
  readonly courses: Map<string, Totals>;
  /** By `course/test`. */
  readonly tests: Map<string, ExpectedTest>;
  readonly lastCompletedMs: number | null;
}

interface Fact {
  readonly type: string;
  readonly timestamp: string;
  readonly data: {
    readonly attemptId: string;
    readonly learnerId: string;
    readonly courseId: string;
    readonly testId: string;
    readonly score: bigint;
    readonly maxScore: bigint;
    readonly passed?: boolean;
    readonly completedAt: string;
  };
}
interface Standing extends ExpectedTest {
  readonly key: string;
  readonly courseId: string;
  readonly learnerId: string;
}

/** Every learner that was ever named, with the summary that must stand in the end. */
export function expectedSummaries(
  webhooks: Iterable<{ readonly id: string; readonly body: string }>,
  policy: Policy = 'best',
): Map<string, ExpectedSummary> {
  const standings = decideAttempts(webhooks);
  const learners = new Map<string, Map<string, Standing>>();
  for (const { standing, voided } of standings) {
    const tests = learners.get(standing.learnerId) ?? new Map<string, Standing>();
    learners.set(standing.learnerId, tests);
    const holder = tests.get(standing.key);
    if (!voided && (holder === undefined || counts(standing, holder, policy))) tests.set(standing.key, standing);
  }
  return new Map([...learners].map(([learnerId, tests]) => [learnerId, summarise([...tests.values()])]));
}

/** Within one attempt the greatest (timestamp, webhook id) decides; a void is final wherever it stands. */
function decideAttempts(webhooks: Iterable<{ id: string; body: string }>): { standing: Standing; voided: boolean }[] {
  const newest = new Map<string, { fact: Fact; atMs: number; id: string }>();
  const voids = new Set<string>();
  for (const { id, body } of webhooks) {
    const fact = parseExact(body) as Fact;
    const { attemptId } = fact.data;
    if (fact.type === 'test.voided') {
      voids.add(attemptId);
      continue;
    }
    const atMs = parseInstant(fact.timestamp);
    const known = newest.get(attemptId);
    const wins = known === undefined || atMs > known.atMs || (atMs === known.atMs && id > known.id);
    if (wins) newest.set(attemptId, { fact, atMs, id });
  }
  return [...newest].map(([attemptId, { fact: { data } }]) => ({
    voided: voids.has(attemptId),
    standing: {
      key: `${data.courseId}/${data.testId}`,
      courseId: data.courseId,
      learnerId: data.learnerId,
      score: data.score,
      maxScore: data.maxScore,
      passed: data.passed ?? false,
      completedMs: parseInstant(data.completedAt),
    },
  }));
}

function counts(candidate: Standing, holder: Standing, policy: Policy): boolean {
  if (policy === 'latest') return candidate.completedMs > holder.completedMs;
  if (policy === 'first') return candidate.completedMs < holder.completedMs;
  const difference = candidate.score * holder.maxScore - holder.score * candidate.maxScore;
  return difference > 0n || (difference === 0n && candidate.completedMs > holder.completedMs);
}

function summarise(tests: Standing[]): ExpectedSummary {
  const courses = new Map<string, Standing[]>();
  for (const test of tests) courses.set(test.courseId, [...(courses.get(test.courseId) ?? []), test]);
  return {
    totals: total(tests),
    courses: new Map([...courses].map(([courseId, own]) => [courseId, total(own)])),
    tests: new Map(tests.map(({ key, score, maxScore, passed, completedMs }) => [key, { score, maxScore, passed, completedMs }])),
    lastCompletedMs: tests.length === 0 ? null : Math.max(...tests.map(({ completedMs }) => completedMs)),
  };
}

function total(tests: Standing[]): Totals {
  const score = tests.reduce((sum, test) => sum + test.score, 0n);
  const maxScore = tests.reduce((sum, test) => sum + test.maxScore, 0n);
  return {
    score,
    maxScore,
    percent: percentMicros(score, maxScore),
    testsCompleted: tests.length,
    testsPassed: tests.filter(({ passed }) => passed).length,
  };
}
