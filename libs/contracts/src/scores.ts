import { z } from 'zod';

/** Digits after the point that a score may have. */
export const SCORE_DECIMALS = 6;
/**
 * Greatest score. With six decimals that makes 15 significant digits, and every decimal of up to 15 significant
 * digits survives a JSON number (IEEE 754 double) unchanged.
 */
export const SCORE_MAX = 999_999_999;

const DECIMAL = new RegExp(`^\\d+(\\.\\d{1,${SCORE_DECIMALS}})?$`);

/** True when the number, written in its shortest decimal form, has at most six decimals. */
export function hasScoreDecimals(value: number): boolean {
  return DECIMAL.test(String(value));
}

/** A score or a maximum: 0 to 999,999,999 with at most six decimals. */
export const Score = z
  .number()
  .min(0)
  .max(SCORE_MAX)
  .refine((value) => value < 0 || value > SCORE_MAX || hasScoreDecimals(value), `at most ${SCORE_DECIMALS} decimals`);
