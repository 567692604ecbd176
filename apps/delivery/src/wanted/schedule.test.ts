import { seededRandom } from '@schoolbell/time';
import { describe, expect, it } from 'vitest';
import { BUDGET_MS, holdDelayMs, retryDelayMs } from './schedule.ts';

const HOUR_MS = 3_600_000;

describe('retryDelayMs', () => {
  it('retries about 2, 8, 20 and 45 seconds after the first failure', () => {
    const middle = () => 0.5;
    let atMs = 0;
    expect([1, 2, 3, 4].map((attempt) => (atMs += retryDelayMs(attempt, middle)))).toEqual([2_000, 8_000, 20_000, 45_000]);
    expect([1, 2, 3, 4].map((attempt) => retryDelayMs(attempt, () => 0))).toEqual([1_800, 5_400, 10_800, 22_500]);
    expect([1, 2, 3, 4].map((attempt) => retryDelayMs(attempt, () => 1))).toEqual([2_200, 6_600, 13_200, 27_500]);
  });

  it('then waits anything below a ceiling that doubles up to six hours', () => {
    const ceiling = () => 1;
    expect([5, 6, 7].map((attempt) => retryDelayMs(attempt, ceiling))).toEqual([120_000, 240_000, 480_000]);
    expect(retryDelayMs(40, ceiling)).toBe(6 * HOUR_MS);
    expect(retryDelayMs(1_000_000, ceiling)).toBe(6 * HOUR_MS);
    expect(retryDelayMs(5, () => 0)).toBe(10_000);
  });

  it('spends three days in some dozens of attempts', () => {
    const random = seededRandom(7);
    let spentMs = 0;
    let attempts = 0;
    while (spentMs < BUDGET_MS) spentMs += retryDelayMs((attempts += 1), random);
    expect(attempts).toBeGreaterThan(20);
    expect(attempts).toBeLessThan(60);
  });
});

describe('holdDelayMs', () => {
  it('begins short and stays below a quarter of an hour', () => {
    expect(holdDelayMs(1, () => 0.5)).toBe(2_000);
    expect(holdDelayMs(30, () => 1)).toBe(HOUR_MS / 4);
  });
});
