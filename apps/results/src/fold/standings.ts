import type { AttemptPolicy } from '@schoolbell/contracts';
import type { Attempt } from '../attempts/register.ts';
import { countsBefore } from '../standings/counting.ts';

/** A graded task of a course, done by a learner. */
export interface TestKey {
  readonly organizationId: string;
  readonly learnerId: string;
  readonly courseId: string;
  readonly testId: string;
}

/** The attempt that counts for a test. Scores in millionths. */
export interface Standing extends TestKey {
  readonly attemptId: string;
  readonly score: number;
  readonly maxScore: number;
  readonly passed: boolean;
  readonly completedAtMs: number;
}

// Keys as text for maps. No id has a line break: the contracts allow printable characters only.
export const attemptText = ({ organizationId, attemptId }: { organizationId: string; attemptId: string }): string => `${organizationId}\n${attemptId}`;
export const learnerText = ({ organizationId, learnerId }: Pick<TestKey, 'organizationId' | 'learnerId'>): string => `${organizationId}\n${learnerId}`;
export const courseText = (key: Omit<TestKey, 'testId'>): string => `${learnerText(key)}\n${key.courseId}`;
export const testText = (key: TestKey): string => `${courseText(key)}\n${key.testId}`;

/** A standing can be kept up from what changed alone, or all attempts of the test must be read again. */
export type StandingDecision =
  | { readonly kind: 'is'; readonly standing: Standing | undefined }
  | { readonly kind: 'look-again' };

export function standingOf({ organizationId, attemptId, facts }: Attempt): Standing | undefined {
  if (facts === undefined) return undefined;
  const { learnerId, courseId, testId, score, maxScore, passed, completedAtMs } = facts;
  return { organizationId, learnerId, courseId, testId, attemptId, score, maxScore, passed, completedAtMs };
}

/**
 * What counts for a test after some of its attempts changed. Only where the attempt that counted was voided or became
 * worse, another one could count that is not at hand: then, and only then, all attempts of the test are needed. So a
 * learner with ten thousand attempts costs no more than one with ten.
 */
export function decideStanding(policy: AttemptPolicy, holder: Standing | undefined, changed: readonly Attempt[]): StandingDecision {
  let best = holder;
  for (const attempt of changed) {
    const candidate = attempt.voided ? undefined : standingOf(attempt);
    if (attempt.attemptId === holder?.attemptId) {
      if (candidate === undefined || countsBefore(policy, holder, candidate)) return { kind: 'look-again' };
      if (best === holder || countsBefore(policy, candidate, best!)) best = candidate;
    } else if (candidate !== undefined && (best === undefined || countsBefore(policy, candidate, best))) best = candidate;
  }
  return { kind: 'is', standing: best };
}

/** What counts among all attempts of a test. */
export function bestOf(policy: AttemptPolicy, attempts: Iterable<Standing>): Standing | undefined {
  let best: Standing | undefined;
  for (const attempt of attempts) if (best === undefined || countsBefore(policy, attempt, best)) best = attempt;
  return best;
}
