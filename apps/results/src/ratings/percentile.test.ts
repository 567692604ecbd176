import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { percentileOf } from './percentile.ts';

describe('percentileOf', () => {
  it('is 50 for the only learner, and for all when all are equal', () => {
    expect(percentileOf({ rank: 1, equal: 1, learners: 1 })).toBe('50');
    expect(percentileOf({ rank: 1, equal: 7, learners: 7 })).toBe('50');
  });
  it('counts those below and half of the equals', () => {
    const ranks = [1, 2, 2, 4].map((rank) => percentileOf({ rank, equal: rank === 2 ? 2 : 1, learners: 4 }));
    expect(ranks).toEqual(['87.5', '50', '50', '12.5']);
  });
  it('rounds half up at the second decimal', () => {
    // 100 * (3 - 0.5) / 3 = 83.333…, 100 * 0.5 / 3 = 16.666…, 100 * 0.5 / 16 = 3.125
    expect(percentileOf({ rank: 1, equal: 1, learners: 3 })).toBe('83.33');
    expect(percentileOf({ rank: 3, equal: 1, learners: 3 })).toBe('16.67');
    expect(percentileOf({ rank: 16, equal: 1, learners: 16 })).toBe('3.13');
  });
  it('falls with the rank, stays within 0 and 100, and is 50 on average', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 30 }), (groups) => {
        const learners = groups.reduce((sum, equal) => sum + equal, 0);
        let rank = 1;
        let before = 100.01;
        let sum = 0;
        for (const equal of groups) {
          const percentile = Number(percentileOf({ rank, equal, learners }));
          expect(percentile).toBeGreaterThanOrEqual(0);
          expect(percentile).toBeLessThan(before);
          [before, rank] = [percentile, rank + equal];
          sum += percentile * equal;
        }
        expect(Math.abs(sum / learners - 50)).toBeLessThan(0.01);
      }),
    );
  });
});
