import { ingestResultCompleted, ingestResultRegraded, ingestResultVoided, type ResultData } from '@schoolbell/contracts';
import type { ReceivedEvent, Refusal } from '@schoolbell/messaging';
import type { Tx } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';
import { SYSTEM } from '../moves/work.ts';
import type { Tell } from '../store/perform.ts';
import { completePart } from './parts.ts';

/**
 * The two halves meet: a result that comes from the results path completes the test of the learner's assessment. That it
 * was handed in counts, not its score, so a regrade changes nothing and a void does not take it back.
 */
export const ACCEPTED = [ingestResultCompleted, ingestResultRegraded, ingestResultVoided];

// By far most results are of no assessment: one index look-up a batch says so.
const waitingFor = {
  name: 'scheduling_assessments_of_tests',
  text: `SELECT package.id, package.test_id AS "testId", seat.student_id AS "studentId"
           FROM package JOIN seat ON seat.package_id = package.id
          WHERE package.test_id = ANY ($1::text[]) AND package.state IN ('active', 'frozen') AND seat.student_id = ANY ($2::text[])
          ORDER BY package.id`,
};

export const createAssessmentIntake = (deps: { clock: Clock; tell: Tell }) =>
  async (tx: Tx, events: readonly ReceivedEvent[]): Promise<Refusal[]> => {
    const results = events.filter(({ type }) => type === ingestResultCompleted.type).map(({ data }) => data as ResultData);
    if (results.length === 0) return [];
    const handedIn = new Set(results.map(({ testId, learnerId }) => `${testId}\n${learnerId}`));
    const packages = await tx.query<{ id: string; testId: string; studentId: string }>(waitingFor, [
      [...new Set(results.map(({ testId }) => testId))], [...new Set(results.map(({ learnerId }) => learnerId))],
    ]);
    for (const { id, testId, studentId } of packages) {
      if (handedIn.has(`${testId}\n${studentId}`)) await completePart(tx, deps, id, 'test', SYSTEM);
    }
    return [];
  };
