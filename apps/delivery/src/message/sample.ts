import type { SummaryMessage } from '@schoolbell/contracts';
import { formatInstant } from '@schoolbell/time';
import type { Message } from './compose.ts';

/** Stands where a learner's id would. No platform's id begins so. */
export const SAMPLE_LEARNER = 'schoolbell-test';

/** A summary of nobody, to see whether a destination takes what it will get. */
export function sampleMessage(organizationId: string, nowMs: number, replayId: string): Message {
  const timestamp = formatInstant(nowMs);
  const scores = { score: 17, maxScore: 20, percent: 85, testsCompleted: 1, testsPassed: 1 };
  const message: SummaryMessage = {
    type: 'learner.summary.updated',
    timestamp,
    data: {
      organizationId,
      learnerId: SAMPLE_LEARNER,
      revision: 1,
      totals: scores,
      courses: [{ courseId: 'schoolbell-test-course', ...scores }],
      tests: [{ courseId: 'schoolbell-test-course', testId: 'schoolbell-test-test', score: 17, maxScore: 20, passed: true, completedAt: timestamp }],
      lastCompletedAt: timestamp,
    },
  };
  return { kind: 'summary', key: SAMPLE_LEARNER, revision: 1, replayId, body: JSON.stringify(message) };
}
