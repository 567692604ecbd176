import { CUTOVER_REASON } from '../destination/store.ts';
import type { Waiting } from './store.ts';

/**
 * Whether what is wanted at a destination has waited too long. An open circuit and a hold park nothing, so the age
 * tells about them, and about a pause that was forgotten. Not about a cutover, which takes as long as it takes, nor
 * about a disabled destination, which has an alert of its own.
 */
export function isLate(waiting: Pick<Waiting, 'state' | 'stateReason' | 'oldestSince'>, lateAfterMinutes: number, now: number): boolean {
  const { state, stateReason, oldestSince } = waiting;
  if (oldestSince === null || state === 'disabled' || (state === 'paused' && stateReason === CUTOVER_REASON)) return false;
  return now - oldestSince > lateAfterMinutes * 60_000;
}
