import { isPlainIdentifier, isPlainInstant, isPlainLabel, isPlainScore } from './values.ts';

/** The members that a webhook and an event of a finished attempt have in common. */
export interface PlainAttempt {
  attemptId: string;
  learnerId: string;
  courseId: string;
  testId: string;
  score: number;
  maxScore: number;
  passed?: boolean;
  completedAt: string;
  startedAt?: string;
  kind?: string;
}

/** A copy of these members alone, without those that are absent; undefined when one of them is not plainly valid. */
export function readPlainAttempt(data: Readonly<Record<string, unknown>>): PlainAttempt | undefined {
  const { attemptId, learnerId, courseId, testId, score, maxScore, passed, completedAt, startedAt, kind } = data;
  if (!isPlainIdentifier(attemptId) || !isPlainIdentifier(learnerId) || !isPlainIdentifier(courseId) || !isPlainIdentifier(testId)) return undefined;
  if (!isPlainScore(score) || !isPlainScore(maxScore) || maxScore === 0 || score > maxScore || !isPlainInstant(completedAt)) return undefined;
  const attempt: PlainAttempt = { attemptId, learnerId, courseId, testId, score, maxScore, completedAt };
  if (passed !== undefined) {
    if (typeof passed !== 'boolean') return undefined;
    attempt.passed = passed;
  }
  if (startedAt !== undefined) {
    if (!isPlainInstant(startedAt)) return undefined;
    attempt.startedAt = startedAt;
  }
  if (kind !== undefined) {
    if (!isPlainLabel(kind)) return undefined;
    attempt.kind = kind;
  }
  return attempt;
}
