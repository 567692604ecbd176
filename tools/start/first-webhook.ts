import { parseSecret, sign } from '@schoolbell/standard-webhooks';
import { formatInstant, systemClock, waitMs } from '@schoolbell/time';
import type { KeptSummary } from './client/inbox.ts';

/** The first start also compiles and connects; later ones take milliseconds. */
const ARRIVAL_TIMEOUT_MS = 30_000;
const POLL_MS = 5;

export const LEARNER = 'u-000123';

export interface PlayedWebhook {
  readonly status: number;
  readonly answer: string;
  readonly summary: KeptSummary | undefined;
  /** From the answer to the arrival at the client. */
  readonly tookMs: number;
}

/** Send one signed webhook, as the platform would, and wait for the learner's summary at the client's server. */
export async function playWebhook(options: {
  ingestUrl: string;
  clientUrl: string;
  secret: string;
  /** Which start on these data this is: each finishes another test, so that the summary grows from start to start. */
  start: number;
}): Promise<PlayedWebhook> {
  const { ingestUrl, clientUrl, secret, start } = options;
  const nowMs = systemClock.now();
  const id = `start-${start}-${nowMs}`;
  const testId = `t-${start}`;
  const body = JSON.stringify(testCompleted(`a-${start}-${nowMs}`, testId, formatInstant(nowMs)));
  const timestampSeconds = Math.floor(nowMs / 1000);
  const response = await fetch(`${ingestUrl}/v1/webhooks/platform`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(timestampSeconds),
      'webhook-signature': sign([parseSecret(secret)], { id, timestampSeconds, body }),
    },
    body,
  });
  const answeredAtMs = systemClock.now();
  const answer = await response.text();
  const summary = response.status === 202 ? await arrival(clientUrl, testId) : undefined;
  return { status: response.status, answer, summary, tookMs: summary ? Math.max(0, summary.receivedAtMs - answeredAtMs) : 0 };
}

function testCompleted(attemptId: string, testId: string, at: string): object {
  return {
    type: 'test.completed',
    timestamp: at,
    data: { attemptId, learnerId: LEARNER, courseId: 'c-12', testId, score: 17, maxScore: 20, passed: true, completedAt: at },
  };
}

async function arrival(clientUrl: string, testId: string): Promise<KeptSummary | undefined> {
  const until = AbortSignal.timeout(ARRIVAL_TIMEOUT_MS);
  while (!until.aborted) {
    const response = await fetch(`${clientUrl}/summaries/${LEARNER}`);
    const kept = response.ok ? ((await response.json()) as KeptSummary) : undefined;
    if (kept?.message.data.tests.some((test) => test.testId === testId)) return kept;
    await response.body?.cancel();
    await waitMs(POLL_MS);
  }
  return undefined;
}
