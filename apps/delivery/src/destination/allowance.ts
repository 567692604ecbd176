import type { DestinationState, Limits } from './state.ts';

/** How many seconds of its rate a destination may save up. */
export const RATE_BURST_SECONDS = 1;

/** What may be started now. `until`: when to look again, where time alone can change the answer. */
export type Allowance =
  | { readonly kind: 'requests'; readonly count: number; readonly tokens: number }
  | { readonly kind: 'probe'; readonly tokens: number }
  | { readonly kind: 'nothing'; readonly why: 'inactive' | 'hold' | 'circuit' | 'rate' | 'concurrency'; readonly until?: number };

/** The tokens of the bucket at `now`. A clock that steps back earns nothing and takes nothing. */
export function refill({ tokens, tokensAt }: Pick<DestinationState, 'tokens' | 'tokensAt'>, ratePerSecond: number, now: number): number {
  const capacity = Math.max(1, ratePerSecond * RATE_BURST_SECONDS);
  return Math.min(capacity, tokens + (Math.max(0, now - tokensAt) * ratePerSecond) / 1_000);
}

/**
 * SQL: the instant up to which the bucket has earned, after a claim at `now`. A claim reads the clock before it waits for the
 * destination's lock, so the one before it may have read a later instant, and that time must not be earned twice. Nobody
 * waits as long as half a minute: what is further ahead was written before the clock stepped back.
 */
export const earnedUntil = (now: string): string => `least(greatest(tokens_at, ${now}::timestamptz), ${now}::timestamptz + interval '30 s')`;

/**
 * The claim arithmetic: min(rate tokens, concurrency - live leases, ramp), or one probe while the circuit is open.
 * `live` counts the leases of all replicas that have not run out.
 */
export function allowance(state: DestinationState, limits: Limits, live: number, now: number): Allowance {
  if (state.state !== 'active') return { kind: 'nothing', why: 'inactive' };
  if (state.holdUntil !== null && state.holdUntil > now) return { kind: 'nothing', why: 'hold', until: state.holdUntil };
  const tokens = refill(state, limits.ratePerSecond, now);
  const rate: Allowance = { kind: 'nothing', why: 'rate', until: now + Math.ceil(((1 - tokens) * 1_000) / limits.ratePerSecond) };
  if (state.circuit === 'open') {
    const until = Math.max(state.probeUntil ?? 0, state.probeNotBefore ?? 0);
    if (until > now) return { kind: 'nothing', why: 'circuit', until };
    return tokens < 1 ? rate : { kind: 'probe', tokens };
  }
  const free = Math.min(limits.concurrency, state.ramp ?? limits.concurrency) - live;
  if (free <= 0) return { kind: 'nothing', why: 'concurrency' };
  if (tokens < 1) return rate;
  return { kind: 'requests', count: Math.min(free, Math.floor(tokens)), tokens };
}
