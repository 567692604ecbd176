import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatInstant, parseInstant } from './instant.ts';

const DAY_MS = 86_400_000;
const END_OF_9999 = Date.UTC(9999, 11, 31) + DAY_MS;
const iso = (epochMs: number): string => new Date(epochMs).toISOString();

describe('formatInstant', () => {
  it('writes every day of 400 years, after which the calendar begins anew, as Date does, at its first and last millisecond', () => {
    const wrong: number[] = [];
    for (let from = 0; from <= 146_097 * DAY_MS; from += DAY_MS) {
      if (formatInstant(from) !== iso(from) || formatInstant(from + DAY_MS - 1) !== iso(from + DAY_MS - 1)) wrong.push(from);
    }
    expect(wrong).toEqual([]);
  });
  it('writes any instant as Date does, and parseInstant reads it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer({ min: 0, max: END_OF_9999 - 1 }), fc.integer({ min: -8.64e15, max: 8.64e15 }), fc.double({ min: -8.64e15, max: 8.64e15, noNaN: true })), (epochMs) => {
        expect(formatInstant(epochMs)).toBe(iso(epochMs));
        expect(parseInstant(formatInstant(epochMs))).toBe(Math.trunc(epochMs) + 0);
      }),
    );
  });
  it('refuses what is no instant', () => {
    for (const none of [NaN, Infinity, 8.64e15 + 1]) expect(() => formatInstant(none)).toThrow(RangeError);
    for (const none of ['', 'tomorrow', '2026-13-01T00:00:00Z']) expect(() => parseInstant(none)).toThrow(RangeError);
  });
});
