import { formatInstant, type Random } from '@schoolbell/time';
import { learnerName, SHARES, type WorkloadSpec } from './spec.ts';

/** Courses and tests are few, so that a learner meets some of them again. */
const COURSES = 12;
const TESTS_PER_COURSE = 8;
/** Attempts are a second apart, so that no two of them tie. */
const STEP_MS = 1000;
/** A platform tells of an attempt this long after it was completed, and grades it again this long after that. */
const TOLD_AFTER_MS = 2000;
const REGRADED_AFTER_MS = 60_000;
const MICRO_DIGITS = 6;

export interface Attempt {
  readonly attemptId: string;
  readonly learnerId: string;
  readonly courseId: string;
  readonly testId: string;
  readonly completedMs: number;
  /** When the platform told of it: the `timestamp` of its webhook. */
  readonly toldMs: number;
}

/** Makes the attempts of a workload one by one; every learner gets one before chance decides. */
export function createAttempts(spec: WorkloadSpec, random: Random): { next(): Attempt; regradedMs(attempt: Attempt): number } {
  const taken = new Map<string, { courseId: string; testId: string }[]>();
  let made = 0;
  const pick = (count: number) => Math.floor(random() * count);
  const startMs = spec.endMs - REGRADED_AFTER_MS - TOLD_AFTER_MS - (spec.webhooks + 1) * STEP_MS;

  function learner(): string {
    if (spec.favourite !== undefined && random() < spec.favourite.share) return spec.favourite.learnerId;
    const number = made < spec.learners ? made : pick(spec.learners);
    return learnerName((spec.firstLearner ?? 0) + number * (spec.stride ?? 1));
  }
  function test(learnerId: string): { courseId: string; testId: string } {
    const done = taken.get(learnerId) ?? [];
    const again = done.length >= (spec.testsPerLearner ?? Infinity) || (done.length > 0 && random() < SHARES.retake);
    // The name of a test is taken from all, so that the same test turns up in two courses.
    const chosen = again
      ? done[pick(done.length)]!
      : { courseId: `c-${pick(COURSES)}`, testId: `t-${pick(TESTS_PER_COURSE * 4)}` };
    if (!again) taken.set(learnerId, done).get(learnerId)!.push(chosen);
    return chosen;
  }
  return {
    next() {
      const learnerId = learner();
      const completedMs = startMs + made * STEP_MS + pick(STEP_MS);
      const attempt = { attemptId: `a-${spec.name}-${made}`, learnerId, ...test(learnerId), completedMs, toldMs: completedMs + TOLD_AFTER_MS };
      made += 1;
      return attempt;
    },
    regradedMs: (attempt) => (random() < SHARES.sameInstant ? attempt.toldMs : attempt.toldMs + REGRADED_AFTER_MS),
  };
}

/** `test.completed` or `test.regraded` with a score by chance, sometimes with decimals, sometimes without `passed`. */
export function resultBody(type: 'test.completed' | 'test.regraded', attempt: Attempt, timestampMs: number, random: Random): string {
  const maxScore = 10 + 10 * Math.floor(random() * 10);
  const share = random();
  const decimals = random() < 0.2 ? 1 + Math.floor(random() * MICRO_DIGITS) : 0;
  const score = Number((share * maxScore).toFixed(decimals));
  return JSON.stringify({
    type,
    timestamp: formatInstant(timestampMs),
    data: {
      attemptId: attempt.attemptId,
      learnerId: attempt.learnerId,
      courseId: attempt.courseId,
      testId: attempt.testId,
      score,
      maxScore,
      ...(random() < 0.9 ? { passed: score * 2 >= maxScore } : {}),
      completedAt: formatInstant(attempt.completedMs),
      ...(random() < 0.5 ? { kind: 'test', startedAt: formatInstant(attempt.completedMs - 600_000) } : {}),
    },
  });
}

export function voidBody(attempt: Attempt, timestampMs: number): string {
  return JSON.stringify({ type: 'test.voided', timestamp: formatInstant(timestampMs), data: { attemptId: attempt.attemptId } });
}
