import { parseInstant } from '@schoolbell/time';
import { microsOf } from '../decimals/micros.ts';
import type { ResultData, VoidData } from '@schoolbell/contracts';

/** What is known of a finished attempt. Scores in millionths, instants in milliseconds since the epoch. */
export interface AttemptFacts {
  readonly learnerId: string;
  readonly courseId: string;
  readonly testId: string;
  readonly score: number;
  readonly maxScore: number;
  readonly passed: boolean;
  readonly kind: string | null;
  readonly startedAtMs: number | null;
  readonly completedAtMs: number;
  /** Who decided: the greatest (timestamp, webhook id). */
  readonly decidedAtMs: number;
  readonly decidedBy: string;
}

/** One attempt. A void may be known before anything else is. */
export interface Attempt {
  readonly organizationId: string;
  readonly attemptId: string;
  readonly facts: AttemptFacts | undefined;
  readonly voided: boolean;
}

export type RegisterOutcome =
  | { readonly kind: 'changed'; readonly attempt: Attempt }
  | { readonly kind: 'unchanged' }
  /** The platform says now that the attempt is somebody else's, or at another test. */
  | { readonly kind: 'conflict'; readonly detail: string };

/** Whether the event says what happened, or takes it back. */
export const isResult = (data: ResultData | VoidData): data is ResultData => 'learnerId' in data;

/**
 * The state of an attempt after one more event: a register by (timestamp, webhook id) with an absorbing `voided` flag.
 * Any order and any number of repeats of the same events gives the same attempt.
 */
export function register(current: Attempt | undefined, data: ResultData | VoidData): RegisterOutcome {
  const { organizationId, attemptId } = data;
  if (!isResult(data)) {
    if (current?.voided === true) return { kind: 'unchanged' };
    return { kind: 'changed', attempt: { organizationId, attemptId, facts: current?.facts, voided: true } };
  }
  const facts = factsOf(data);
  const known = current?.facts;
  if (known !== undefined) {
    if (known.learnerId !== facts.learnerId || known.courseId !== facts.courseId || known.testId !== facts.testId) {
      return { kind: 'conflict', detail: `Attempt "${attemptId}" is already known for another learner, course or test.` };
    }
    if (!decides(facts, known)) return { kind: 'unchanged' };
  }
  return { kind: 'changed', attempt: { organizationId, attemptId, facts, voided: current?.voided ?? false } };
}

function decides(candidate: AttemptFacts, holder: AttemptFacts): boolean {
  if (candidate.decidedAtMs !== holder.decidedAtMs) return candidate.decidedAtMs > holder.decidedAtMs;
  return candidate.decidedBy > holder.decidedBy;
}

function factsOf(data: ResultData): AttemptFacts {
  return {
    learnerId: data.learnerId,
    courseId: data.courseId,
    testId: data.testId,
    score: microsOf(data.score),
    maxScore: microsOf(data.maxScore),
    passed: data.passed ?? false,
    kind: data.kind ?? null,
    startedAtMs: data.startedAt === undefined ? null : parseInstant(data.startedAt),
    completedAtMs: parseInstant(data.completedAt),
    decidedAtMs: parseInstant(data.timestamp),
    decidedBy: data.webhookId,
  };
}
