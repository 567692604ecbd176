// What a platform tells, as the events that reach the fold.
import type { ResultData, VoidData } from '@schoolbell/contracts';
import type { ReceivedEvent } from '@schoolbell/messaging';
import { formatInstant, parseInstant } from '@schoolbell/time';

export const ORGANIZATION = 'acme';
export const NOON = parseInstant('2026-11-21T12:00:00.000Z');
export const at = (offsetMs: number): string => formatInstant(NOON + offsetMs);

/** An event with its data typed. */
export type Told = ReceivedEvent & { readonly data: ResultData | VoidData };

let webhooks = 0;

/** An attempt at test `t-1` of course `c-1` by learner `u-1`: 17 of 20, passed. */
export function completed(data: Partial<ResultData> = {}): Told & { readonly data: ResultData } {
  webhooks += 1;
  const result: ResultData = {
    source: 'platform',
    webhookId: `w-${webhooks}`,
    organizationId: ORGANIZATION,
    attemptId: `a-${webhooks}`,
    learnerId: 'u-1',
    courseId: 'c-1',
    testId: 't-1',
    score: 17,
    maxScore: 20,
    passed: true,
    completedAt: at(0),
    timestamp: at(1000),
    ...data,
  };
  return { id: `e-${result.webhookId}`, type: 'ingest.result.completed.v1', time: result.timestamp, data: result };
}

/** The same attempt, graded again a minute later. */
export function regraded({ data }: { data: ResultData }, change: Partial<ResultData>): Told & { readonly data: ResultData } {
  webhooks += 1;
  const timestamp = formatInstant(parseInstant(data.timestamp) + 60_000);
  return { ...completed({ ...data, webhookId: `w-${webhooks}`, timestamp, ...change }), type: 'ingest.result.regraded.v1' };
}

export function voided(attemptId: string, data: Partial<VoidData> = {}): Told & { readonly data: VoidData } {
  webhooks += 1;
  const webhookId = `w-${webhooks}`;
  const taken: VoidData = { source: 'platform', webhookId, organizationId: ORGANIZATION, attemptId, timestamp: at(0), ...data };
  return { id: `e-${webhookId}`, type: 'ingest.result.voided.v1', time: taken.timestamp, data: taken };
}
