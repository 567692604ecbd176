import type { AlertKind } from '@schoolbell/contracts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Pause after the first, second, … message of an episode before the next digest; the last value stays. */
const DIGEST_PAUSES_MS: readonly number[] = [1, 2, 5, 10, 20, 30, 60].map((minutes) => minutes * MINUTE_MS);

/** A new beginning this soon after an end is the same trouble flickering. */
export const FLAP_WINDOW_MS = 10 * MINUTE_MS;
/** Flickers that are still told at once; the next ones wait like digests. */
export const FLAPS_TOLD_AT_ONCE = 2;
/** After such a silence the next alert is told like a first one. */
export const FORGET_STEPS_AFTER_MS = HOUR_MS;

/**
 * Level-triggered alerts are repeated, the slowest of them (`outbox-backlog`) once a minute; without one for so long the
 * trouble is over or its watcher is.
 */
export const LEVEL_EXPIRES_AFTER_MS = 150 * SECOND_MS;
/** Kinds that report a single event have no end; after so long without another they no longer count as firing. */
export const EVENT_EXPIRES_AFTER_MS = 24 * HOUR_MS;

/**
 * Kinds that report an event rather than a state, so nobody tells that they are over. Of all others the producer tells
 * the end, however late; those of a producer that is gone stay open, because a false end would be worse.
 */
export const EVENT_KINDS: readonly AlertKind[] = Object.freeze(['stream-lost', 'dead-letter', 'mail-given-up', 'mail-refused']);

export function digestPauseMs(step: number): number {
  return DIGEST_PAUSES_MS[Math.min(step, DIGEST_PAUSES_MS.length - 1)]!;
}
