import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countsBefore, type Comparable } from './counting.ts';

const attempt = (change: Partial<Comparable>): Comparable => ({ attemptId: 'a-1', score: 10, maxScore: 20, completedAtMs: 1_000, ...change });

describe('countsBefore', () => {
  it.each([
    ['best', 'a higher share, although fewer points', { score: 9, maxScore: 10 }, true],
    ['best', 'the same share, later', { score: 5, maxScore: 10, completedAtMs: 1_001 }, true],
    ['best', 'the same share, earlier', { score: 5, maxScore: 10, completedAtMs: 999 }, false],
    ['latest', 'later, although worse', { score: 0, completedAtMs: 1_001 }, true],
    ['latest', 'earlier, although better', { score: 20, completedAtMs: 999 }, false],
    ['first', 'earlier, although worse', { score: 0, completedAtMs: 999 }, true],
    ['first', 'later, although better', { score: 20, completedAtMs: 1_001 }, false],
    ['best', 'a tie, by the greater id', {}, true],
    ['first', 'a tie, by the greater id', {}, true],
  ] as const)('%s: %s', (policy, _, change, expected) => {
    const other = attempt({ attemptId: 'a-2', ...change });
    expect(countsBefore(policy, other, attempt({}))).toBe(expected);
    expect(countsBefore(policy, attempt({}), other)).toBe(!expected);
  });

  it('tells shares apart that differ in the thirtieth digit', () => {
    const max = 999_999_999_999_999;
    expect(countsBefore('best', attempt({ score: max - 1, maxScore: max }), attempt({ score: max - 2, maxScore: max - 1 }))).toBe(true);
  });

  it.each(['best', 'latest', 'first'] as const)('%s orders any attempts without a circle', (policy) => {
    const any = fc.record({ attemptId: fc.constantFrom('a', 'b', 'c'), score: fc.integer({ min: 0, max: 3 }), maxScore: fc.integer({ min: 3, max: 5 }), completedAtMs: fc.integer({ min: 0, max: 2 }) });
    fc.assert(
      fc.property(any, any, any, (a, b, c) => {
        if (countsBefore(policy, a, b) && countsBefore(policy, b, c)) expect(countsBefore(policy, a, c)).toBe(true);
        expect(countsBefore(policy, a, b) && countsBefore(policy, b, a)).toBe(false);
      }),
    );
  });
});
