import type { AttemptPolicy } from '@schoolbell/contracts';

/** What a policy looks at. Scores in millionths. */
export interface Comparable {
  readonly attemptId: string;
  readonly score: number;
  readonly maxScore: number;
  readonly completedAtMs: number;
}

/**
 * Whether the first attempt counts rather than the second. `best`: the higher share of its maximum, then the later;
 * `latest`; `first`. A full tie is broken by the id, so that every order of arrival ends with the same attempt.
 */
export function countsBefore(policy: AttemptPolicy, a: Comparable, b: Comparable): boolean {
  const difference = compareBy[policy](a, b);
  return difference === 0 ? a.attemptId > b.attemptId : difference > 0;
}

const compareBy: Readonly<Record<AttemptPolicy, (a: Comparable, b: Comparable) => number>> = {
  best(a, b) {
    // Cross-multiplied: a quotient would be rounded.
    const left = BigInt(a.score) * BigInt(b.maxScore);
    const right = BigInt(b.score) * BigInt(a.maxScore);
    if (left !== right) return left > right ? 1 : -1;
    return a.completedAtMs - b.completedAtMs;
  },
  latest: (a, b) => a.completedAtMs - b.completedAtMs,
  first: (a, b) => b.completedAtMs - a.completedAtMs,
};
