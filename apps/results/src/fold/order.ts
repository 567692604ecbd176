// Code unit order, which for well-formed text is the byte order of the collation "C" but for surrogate pairs; every writer
// sorts alike, and that is what keeps locks in one order.
import type { TestKey } from './standings.ts';
import type { AttemptKey, CourseKey, LearnerKey } from './keys.ts';

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const byAttempt = (a: AttemptKey, b: AttemptKey): number => compare(a.organizationId, b.organizationId) || compare(a.attemptId, b.attemptId);
export const byLearner = (a: LearnerKey, b: LearnerKey): number => compare(a.organizationId, b.organizationId) || compare(a.learnerId, b.learnerId);
export const byCourse = (a: CourseKey, b: CourseKey): number => byLearner(a, b) || compare(a.courseId, b.courseId);
export const byTest = (a: TestKey, b: TestKey): number => byCourse(a, b) || compare(a.testId, b.testId);
