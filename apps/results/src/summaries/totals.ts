import type { Standing } from '../fold/standings.ts';

/** Sums over tests. Scores in millionths. */
export interface Totals {
  readonly score: bigint;
  readonly maxScore: bigint;
  readonly testsCompleted: number;
  readonly testsPassed: number;
}

export const NO_TOTALS: Totals = Object.freeze({ score: 0n, maxScore: 0n, testsCompleted: 0, testsPassed: 0 });

/** The sums after one test's standing changed from the one to the other. */
export function withChange(totals: Totals, before: Standing | undefined, after: Standing | undefined): Totals {
  const count = (standing: Standing | undefined): number => (standing === undefined ? 0 : 1);
  const passed = (standing: Standing | undefined): number => (standing?.passed === true ? 1 : 0);
  return {
    // The difference of two single scores is exact in a number.
    score: totals.score + BigInt((after?.score ?? 0) - (before?.score ?? 0)),
    maxScore: totals.maxScore + BigInt((after?.maxScore ?? 0) - (before?.maxScore ?? 0)),
    testsCompleted: totals.testsCompleted + count(after) - count(before),
    testsPassed: totals.testsPassed + passed(after) - passed(before),
  };
}
