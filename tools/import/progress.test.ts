import { describe, expect, it } from 'vitest';
import { describeProgress } from './progress.ts';

const state = { lines: 5_000, offset: 500_000, rejected: 0, totalBytes: 2_000_000, from: { lines: 1_000, offset: 100_000 }, elapsedMs: 2_000 };

describe('describeProgress', () => {
  it('counts the rate from where this run began, and the time left from the bytes', () => {
    expect(describeProgress(state)).toBe('5,000 lines, 25 %, 2,000 lines/s, 8 s left');
  });
  it('says how many were left out', () => {
    expect(describeProgress({ ...state, rejected: 3 })).toContain('3 left out');
  });
  it('knows no time left before anything was read', () => {
    expect(describeProgress({ ...state, offset: 100_000, lines: 1_000 })).toBe('1,000 lines, 5 %, 0 lines/s');
  });
});
