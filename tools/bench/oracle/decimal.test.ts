import { describe, expect, it } from 'vitest';
import { micros, parseExact, percentMicros } from './decimal.ts';

describe('micros', () => {
  it.each([
    ['0', 0n],
    ['17.5', 17_500_000n],
    ['0.000001', 1n],
    ['1e-6', 1n],
    ['999999999.999999', 999_999_999_999_999n],
    ['-3.25', -3_250_000n],
    ['1.2300000', 1_230_000n],
  ])('%s', (text, expected) => expect(micros(text)).toBe(expected));
  it.each(['', '.5', '1.', '0x1', '0.0000001'])('refuses %j', (text) => expect(() => micros(text)).toThrow(RangeError));
});

describe('percentMicros', () => {
  it.each([
    ['half up at the third decimal', 1n, 16_000n, 10_000n],
    ['just below the half', 149n, 1_000_000n, 10_000n],
    ['thirds', 1n, 3n, 33_330_000n],
    ['everything', 20n, 20n, 100_000_000n],
    ['nothing of nothing', 0n, 0n, 0n],
  ])('%s', (_, score, maxScore, expected) => expect(percentMicros(score, maxScore)).toBe(expected));
});

it('reads a number from its text, not through a double', () => {
  expect(parseExact('{"a":[0.1,{"b":123456789.123457}],"c":"1.5"}')).toEqual({ a: [100_000n, { b: 123_456_789_123_457n }], c: '1.5' });
});
