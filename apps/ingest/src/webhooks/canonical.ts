import {
  ingestResultCompleted,
  ingestResultRegraded,
  ingestResultVoided,
  PlatformWebhook,
  ResultData,
  VoidData,
  type EventDefinition,
} from '@schoolbell/contracts';
import { describeIssues, type ProblemError } from '@schoolbell/service-kit';
import { formatInstant, parseInstant } from '@schoolbell/time';

/** One thing that is wrong with a body. Never contains what the body says: it may be a person's. */
export type FieldError = ProblemError;

/** A fact ready to be told, in canonical fields only. */
export type CanonicalEvent =
  | { readonly definition: EventDefinition<string, typeof ResultData>; readonly data: ResultData }
  | { readonly definition: EventDefinition<string, typeof VoidData>; readonly data: VoidData };

export interface Origin {
  readonly source: string;
  readonly webhookId: string;
  readonly organizationId: string;
}

/** The canonical webhook, or what is wrong with it. */
export function parseWebhook(value: unknown): { webhook: PlatformWebhook } | { errors: FieldError[] } {
  const result = PlatformWebhook.safeParse(value);
  return result.success ? { webhook: result.data } : { errors: describeIssues(result.error) };
}

/** Times become UTC with milliseconds, so that everything behind compares and stores one spelling. */
export function toEvent(webhook: PlatformWebhook, origin: Origin): CanonicalEvent {
  const timestamp = normalInstant(webhook.timestamp);
  const { source, webhookId, organizationId } = origin;
  if (webhook.type === 'test.voided') {
    return {
      definition: ingestResultVoided,
      data: { source, webhookId, organizationId, attemptId: webhook.data.attemptId, timestamp },
    };
  }
  const { attemptId, learnerId, courseId, testId, score, maxScore, passed, kind, startedAt, completedAt } = webhook.data;
  return {
    definition: webhook.type === 'test.completed' ? ingestResultCompleted : ingestResultRegraded,
    data: {
      source,
      webhookId,
      organizationId,
      attemptId,
      learnerId,
      courseId,
      testId,
      score,
      maxScore,
      passed,
      kind,
      startedAt: startedAt === undefined ? undefined : normalInstant(startedAt),
      completedAt: normalInstant(completedAt),
      timestamp,
    },
  };
}

const NORMAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

function normalInstant(text: string): string {
  return NORMAL.test(text) ? text : formatInstant(parseInstant(text));
}
