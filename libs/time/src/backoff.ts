import type { Random } from './random.ts';

export interface BackoffOptions {
  readonly baseMs: number;
  readonly maxMs: number;
}

/**
 * Exponential backoff with full jitter: uniform in (0, min(maxMs, baseMs * 2^attempt)], at least 1 ms.
 * Source: AWS Architecture Blog, "Exponential Backoff And Jitter". `attempt` counts from 0.
 */
export function backoffMs(attempt: number, { baseMs, maxMs }: BackoffOptions, random: Random): number {
  const ceilingMs = Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 30));
  return Math.max(1, Math.ceil(random() * ceilingMs));
}
