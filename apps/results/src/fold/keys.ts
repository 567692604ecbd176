import { textArray } from '@schoolbell/service-kit';
import type { TestKey } from './standings.ts';

/** What rows are found by, and how they go to the database: one array for each column. */

export interface AttemptKey {
  readonly organizationId: string;
  readonly attemptId: string;
}

export interface LearnerKey {
  readonly organizationId: string;
  readonly learnerId: string;
}

export type CourseKey = Omit<TestKey, 'testId'>;

export const attemptKeyArrays = (keys: readonly AttemptKey[]): Buffer[] => [
  textArray(keys.map((key) => key.organizationId)),
  textArray(keys.map((key) => key.attemptId)),
];
export const learnerArrays = (keys: readonly LearnerKey[]): Buffer[] => [
  textArray(keys.map((key) => key.organizationId)),
  textArray(keys.map((key) => key.learnerId)),
];
export const courseArrays = (keys: readonly CourseKey[]): Buffer[] => [...learnerArrays(keys), textArray(keys.map((key) => key.courseId))];
export const testArrays = (keys: readonly TestKey[]): Buffer[] => [...courseArrays(keys), textArray(keys.map((key) => key.testId))];
