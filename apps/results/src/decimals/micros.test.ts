import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMicros, microsOf, parseMicros, percentOf } from './micros.ts';

describe('micros', () => {
  it.each([
    [0, '0'],
    [17, '17'],
    [0.1 + 0.2 - 0.30000000000000004 + 0.3, '0.3'],
    [0.000001, '0.000001'],
    [999_999_999.999999, '999999999.999999'],
  ])('%d is written as %s', (score, text) => {
    expect(formatMicros(microsOf(score))).toBe(text);
  });
  it('survives Postgres and JSON unchanged, for every score with six decimals', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 999_999_999_999_999n }), (micros) => {
        const text = formatMicros(micros);
        expect(parseMicros(text)).toBe(micros);
        expect(BigInt(microsOf(JSON.parse(text) as number))).toBe(micros);
      }),
    );
  });
});

describe('percentOf', () => {
  it.each([
    [1n, 3n, '33.33'],
    [2n, 3n, '66.67'],
    [170n, 200n, '85'],
    [1n, 800n, '0.13'],
    [1n, 20_000n, '0.01'],
    [1n, 20_001n, '0'],
    [0n, 0n, '0'],
    [20n, 20n, '100'],
  ])('%d of %d is %s: half a hundredth goes up', (score, max, percent) => {
    expect(percentOf(score, max)).toBe(percent);
  });
});
