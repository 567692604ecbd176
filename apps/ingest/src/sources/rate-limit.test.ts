import { describe, expect, it } from 'vitest';
import { createRateLimit } from './rate-limit.ts';

describe('rate limit', () => {
  it('lets a second of work through at once, then its rate', () => {
    const limit = createRateLimit(3);
    expect([0, 0, 0, 0].map((nowMs) => limit.take(nowMs))).toEqual([true, true, true, false]);
    expect(limit.take(333)).toBe(false);
    expect(limit.take(334)).toBe(true);
    expect(limit.take(335)).toBe(false);
  });

  it('does not save up more than a second', () => {
    const limit = createRateLimit(2);
    limit.take(0);
    const taken = Array.from({ length: 10 }, () => limit.take(3_600_000)).filter(Boolean);
    expect(taken).toHaveLength(2);
  });

  it('survives a clock that is set back', () => {
    const limit = createRateLimit(2);
    expect(limit.take(10_000)).toBe(true);
    expect(limit.take(5_000)).toBe(true);
    expect(limit.take(5_000)).toBe(false);
    expect(limit.take(5_500)).toBe(true);
  });
});
