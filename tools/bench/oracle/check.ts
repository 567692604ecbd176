import { parseSecret, verify } from '@schoolbell/standard-webhooks';
import type { ReceivedMessage } from '../receiver/messages.ts';
import { differences } from './compare.ts';
import type { ExpectedSummary } from './oracle.ts';

/** What stands between the messages received and every learner's right summary. */
export interface Verdict {
  /** Learners whose newest summary is not (yet) right, or has not come, each with the first difference. */
  readonly wrong: readonly string[];
  /** Monotonic milliseconds at which the last learner's right summary came. */
  readonly completeMs: number;
  /** Learners that have a summary. */
  readonly learners: number;
}

/**
 * Compare each learner's newest message with the oracle and verify its signature. A learner of whom nothing is left
 * (all attempts voided) may have got an empty summary or none at all: that depends on the order of arrival. So may one
 * of `settled`, whose summary is the same as before.
 */
export function checkSummaries(
  expected: ReadonlyMap<string, ExpectedSummary>,
  newest: readonly ReceivedMessage[],
  secret: string,
  settled: ReadonlySet<string> = new Set(),
): Verdict {
  const keys = [parseSecret(secret)];
  const received = new Map(newest.map((message) => [message.learnerId, message]));
  const wrong: string[] = [];
  let completeMs = 0;
  for (const [learnerId, summary] of expected) {
    const message = received.get(learnerId);
    if (message === undefined) {
      if (summary.tests.size > 0 && !settled.has(learnerId)) wrong.push(`${learnerId}: no summary`);
      continue;
    }
    const [first] = differences(learnerId, summary, message.body.toString(), message.revision);
    if (first !== undefined) wrong.push(`${learnerId}: ${first}`);
    const verdict = verify(keys, signed(message), message.epochMs);
    if (verdict !== 'verified') wrong.push(`${learnerId}: signature: ${verdict}`);
    completeMs = Math.max(completeMs, message.atMs);
  }
  for (const learnerId of received.keys()) if (!expected.has(learnerId)) wrong.push(`${learnerId}: nobody sent anything`);
  return { wrong, completeMs, learners: received.size };
}

function signed({ head, body }: ReceivedMessage) {
  const header = (name: string) => new RegExp(`\\r\\n${name}: *([^\\r]*)`, 'i').exec(head)?.[1];
  return { id: header('webhook-id'), timestamp: header('webhook-timestamp'), signature: header('webhook-signature'), body };
}
