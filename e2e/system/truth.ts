import { waitFor, type Answer, type Receiver } from '@schoolbell/testing';
import { differences, expectedSummaries } from '@schoolbell/tools/oracle';
import type { PlannedWebhook } from '@schoolbell/tools/workload';

/**
 * Wait until the client's server has, for every learner named, the summary that an independent computation over all
 * accepted webhooks gives. The error says what is still wrong.
 */
export async function waitForTruth(receiver: Receiver, accepted: readonly PlannedWebhook[], timeoutMs: number): Promise<void> {
  const expected = expectedSummaries(accepted);
  let wrong: string[] = [];
  try {
    await waitFor('every learner has the right summary', () => (wrong = whatIsWrong(receiver, expected)).length === 0, { timeoutMs });
  } catch (cause) {
    throw new Error(`${wrong.length} of ${expected.size} learners are wrong, such as ${wrong.slice(0, 3).join('; ')}`, { cause });
  }
}

function whatIsWrong(receiver: Receiver, expected: ReturnType<typeof expectedSummaries>): string[] {
  const newest = newestBodies(receiver);
  return [...expected].flatMap(([learnerId, summary]) => {
    const received = newest.get(learnerId);
    // Everything voided before anything was told: then there may be nothing to tell.
    if (received === undefined) return summary.tests.size === 0 ? [] : [`${learnerId}: no summary`];
    return differences(learnerId, summary, received.body, received.revision).slice(0, 1).map((first) => `${learnerId}: ${first}`);
  });
}

function newestBodies(receiver: Receiver): Map<string, { revision: number; body: string }> {
  const newest = new Map<string, { revision: number; body: string }>();
  for (const { summary, body, answer } of receiver.requests) {
    if (summary === undefined || !isTaken(answer)) continue;
    if (summary.revision >= (newest.get(summary.learnerId)?.revision ?? 0)) {
      newest.set(summary.learnerId, { revision: summary.revision, body: body.toString('utf8') });
    }
  }
  return newest;
}

/** An endless body is an annoyance after the 200 that said all. */
const isTaken = (answer: Answer): boolean => answer.kind === 'huge' || (answer.kind === 'status' && answer.status < 300);

/** Requests that were answered 2xx although one with the same webhook-id had been before. */
export function duplicatesOf(receiver: Receiver): number {
  const taken = new Set<string>();
  let duplicates = 0;
  for (const { webhookId, answer } of receiver.requests) {
    if (!isTaken(answer)) continue;
    if (taken.has(webhookId)) duplicates += 1;
    taken.add(webhookId);
  }
  return duplicates;
}
