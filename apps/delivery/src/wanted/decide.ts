import type { Random } from '@schoolbell/time';
import type { Outcome } from '../http-client/classify.ts';
import { BUDGET_MS, retryDelayMs } from './schedule.ts';

/** How often a request that our own trouble kept back is tried again. */
export const NOT_SENT_DELAY_MS = 1_000;

/** What a request knew about its row when it was claimed. */
export interface Spent {
  /** Real attempts before this one. */
  readonly attempts: number;
  /** What was waited between them. */
  readonly waitedMs: number;
  readonly probe: boolean;
}

/** What becomes of a row after its request. It is overruled by a newer revision that came meanwhile: that is due. */
export type Verdict =
  | { readonly kind: 'sent' }
  /** `notBefore` binds a newer revision too: the destination asked for it. */
  | { readonly kind: 'retry'; readonly dueAt: number; readonly attempts: number; readonly waitedMs: number; readonly notBefore: number | null }
  | { readonly kind: 'park'; readonly attempts: number; readonly waitedMs: number; readonly reason: 'budget-spent' | 'transform-failed' };

/**
 * What to do with a row. Only failures that say something about the message spend its budget: not the probe of an open
 * circuit, not a hold of the whole destination, not our own trouble.
 */
export function decideRow(outcome: Outcome, spent: Spent, now: number, random: Random): Verdict {
  const unspent = (dueAt: number): Verdict => ({ kind: 'retry', dueAt, attempts: spent.attempts, waitedMs: spent.waitedMs, notBefore: null });
  switch (outcome.kind) {
    case 'success':
      return { kind: 'sent' };
    case 'gone':
    case 'rate-limited':
      // The destination's own row keeps it back; at its end this one is as good as any.
      return unspent(now);
    case 'not-sent':
      return unspent(now + NOT_SENT_DELAY_MS);
    case 'client-error':
      return spend(outcome.retryAfterMs, spent, now, random);
    case 'breaker-failure':
      // A probe is due now, and so behind all others that wait: the next one carries another message. A 503 that holds
      // the destination counts for the circuit, and for the message no more than a 429.
      return spent.probe || outcome.holds ? unspent(now) : spend(outcome.retryAfterMs, spent, now, random);
  }
}

function spend(retryAfterMs: number | undefined, spent: Spent, now: number, random: Random): Verdict {
  const attempts = spent.attempts + 1;
  const delayMs = Math.max(retryDelayMs(attempts, random), retryAfterMs ?? 0);
  const waitedMs = spent.waitedMs + delayMs;
  if (waitedMs > BUDGET_MS) return { kind: 'park', attempts, waitedMs: spent.waitedMs, reason: 'budget-spent' };
  return { kind: 'retry', dueAt: now + delayMs, attempts, waitedMs, notBefore: retryAfterMs === undefined ? null : now + retryAfterMs };
}
