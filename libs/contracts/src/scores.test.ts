import { describe, expect, it } from 'vitest';
import { Score, SCORE_MAX } from './scores.ts';

describe('Score', () => {
  it.each([0, 17, 0.000001, 12.345678, SCORE_MAX, 999_999_998.999999])('takes %d', (value) => {
    expect(Score.safeParse(value).success).toBe(true);
  });
  it.each([-0.000001, 0.0000001, 1.1234567, 0.1 + 0.2, SCORE_MAX + 1, Number.NaN, Number.POSITIVE_INFINITY, '17', null])('refuses %s', (value) => {
    expect(Score.safeParse(value).success).toBe(false);
  });
});
