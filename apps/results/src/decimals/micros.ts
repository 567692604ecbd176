/**
 * Scores are counted in millionths: exact integers. A single score (at most 999,999,999.999999) is below 2^53 and fits
 * a number, sums are bigints.
 */
export const MICROS_PER_POINT = 1_000_000;

/** The millionths of a score that has at most six decimals: exact, because it has at most 15 significant digits. */
export function microsOf(score: number): number {
  return Math.round(score * MICROS_PER_POINT);
}

/** The shortest decimal of so many millionths, as JSON and Postgres read it: `17`, `0.5`, `-0.000001`. */
export function formatMicros(micros: bigint | number): string {
  const value = BigInt(micros);
  const magnitude = value < 0n ? -value : value;
  const whole = magnitude / 1_000_000n;
  const fraction = magnitude % 1_000_000n;
  const sign = value < 0n ? '-' : '';
  if (fraction === 0n) return `${sign}${whole}`;
  return `${sign}${whole}.${fraction.toString().padStart(6, '0').replace(/0+$/, '')}`;
}

/** The millionths of a decimal text of Postgres with at most six decimals. */
export function parseMicros(text: string): bigint {
  const negative = text.startsWith('-');
  const [whole = '0', fraction = ''] = (negative ? text.slice(1) : text).split('.');
  const micros = BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(6, '0').slice(0, 6));
  return negative ? -micros : micros;
}

/**
 * 100 * score / maxScore with two decimals, half up, in exact arithmetic: floor((20000 * score + max) / (2 * max)) is
 * the number of hundredths. 0 where there is nothing to reach.
 */
export function percentOf(score: bigint, maxScore: bigint): string {
  if (maxScore === 0n) return '0';
  const hundredths = (20_000n * score + maxScore) / (2n * maxScore);
  return formatMicros(hundredths * 10_000n);
}
