import { Problem } from '@schoolbell/service-kit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { decodeCursor, encodeCursor } from './cursor.ts';

const Shape = z.tuple([z.int(), z.string().max(10)]);

describe('cursors', () => {
  it('come back as they were', () => {
    fc.assert(fc.property(fc.integer(), fc.string({ maxLength: 10 }), (a, b) => void expect(decodeCursor(encodeCursor([a, b]), Shape)).toEqual([a, b])));
  });
  it('are the beginning when absent', () => {
    expect(decodeCursor(undefined, Shape)).toBeUndefined();
  });
  it('of another list, or of nobody, are refused', () => {
    for (const text of ['', 'x', '%%%', encodeCursor([]), encodeCursor(['1', 'a']), encodeCursor([1, 'a', 2]), 'A'.repeat(5_000)]) {
      expect(() => decodeCursor(text, Shape)).toThrow(Problem);
    }
    fc.assert(fc.property(fc.string(), (text) => void expect(() => decodeCursor(text, Shape)).toThrow(Problem)));
  });
});
