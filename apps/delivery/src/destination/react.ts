import type { Random } from '@schoolbell/time';
import type { Outcome } from '../http-client/classify.ts';
import { holdDelayMs } from '../wanted/schedule.ts';
import type { DestinationState, Limits } from './state.ts';

/** Probes of an open circuit start at least this far apart. */
export const PROBE_EVERY_MS = 5_000;
/** Concurrency with which a destination begins to recover. */
const RAMP_START = 1;

/** What the requests of one batch say about their destination. */
export interface Report {
  readonly gone: boolean;
  /** Successes of requests that were claimed under the row's present generation. */
  readonly successes: number;
  readonly failures: number;
  /** Asks to be left alone: the longest `Retry-After`, or null where no answer 429 had one. */
  readonly hold: { readonly retryAfterMs: number | null; readonly reason: string } | null;
  /** The probe's answer, if the probe of the row's own token is among them. */
  readonly probe: { readonly token: string; readonly verdict: 'answered' | 'failed' | 'inconclusive'; readonly reason: string } | null;
  /** The trip detector of this process gave up on the destination. */
  readonly trip: { readonly generation: number; readonly reason: string } | null;
}

/** What is told to others. */
export type Change =
  | { readonly kind: 'circuit'; readonly circuit: 'open' | 'closed'; readonly reason: string }
  | { readonly kind: 'state'; readonly state: DestinationState['state']; readonly reason: string };

export interface Reaction {
  readonly state: DestinationState;
  readonly changes: readonly Change[];
}

/** Whether a probe with this outcome ends the outage. A refusal does: who refuses, lives. */
export function probeVerdict(outcome: Outcome): 'answered' | 'failed' | 'inconclusive' {
  switch (outcome.kind) {
    case 'success':
    case 'client-error':
      return 'answered';
    case 'breaker-failure':
      return 'failed';
    case 'rate-limited':
    case 'gone':
    case 'not-sent':
      return 'inconclusive';
  }
}

/** How a destination changes by what its requests met. Pure: the caller holds the row's lock and writes the result. */
export function react(before: DestinationState, report: Report, limits: Limits, now: number, random: Random): Reaction {
  const changes: Change[] = [];
  let state = before;
  if (report.gone && state.state !== 'disabled') {
    const reason = 'answered 410 Gone';
    state = { ...state, state: 'disabled' };
    changes.push({ kind: 'state', state: 'disabled', reason });
  }
  if (report.hold !== null) state = hold(state, report.hold, now, random);
  if (report.probe !== null && report.probe.token === state.probeToken) {
    const { verdict, reason } = report.probe;
    state = { ...state, probeToken: null, probeUntil: null };
    if (verdict === 'answered') {
      state = closed(state, reason, now);
      changes.push({ kind: 'circuit', circuit: 'closed', reason });
    }
    if (verdict === 'failed') state = { ...state, circuitReason: reason };
  }
  if (report.trip !== null && state.circuit === 'closed' && report.trip.generation === state.generation) {
    const { reason } = report.trip;
    state = { ...state, circuit: 'open', circuitReason: reason, generation: state.generation + 1, probeNotBefore: now + PROBE_EVERY_MS, ramp: null };
    changes.push({ kind: 'circuit', circuit: 'open', reason });
  } else if (state.circuit === 'closed') {
    state = ramped(state, report, limits, now);
  }
  if (report.successes > 0 && report.hold === null) state = unheld(state, now);
  return { state, changes };
}

/** The probe is on its way: no other before it ends, and no next one too soon after it began. */
export function probing(state: DestinationState, token: string, until: number, now: number): DestinationState {
  return { ...state, probeToken: token, probeUntil: until, probeNotBefore: now + PROBE_EVERY_MS };
}

/** Somebody takes a destination up again: carefully, and everything that waits is due. */
export function resumed(state: DestinationState, now: number): DestinationState {
  const probeNotBefore = state.circuit === 'open' ? now : null;
  return { ...state, state: 'active', holdUntil: null, holdReason: '', throttles: 0, ramp: RAMP_START, probeNotBefore, releaseBefore: now };
}

function hold(state: DestinationState, { retryAfterMs, reason }: NonNullable<Report['hold']>, now: number, random: Random): DestinationState {
  // 0, or a date that has passed, says as little about how long as nothing does: then it is for us to say.
  const said = retryAfterMs === null || retryAfterMs === 0 ? null : retryAfterMs;
  // What was in flight when a hold began says the same thing once more.
  const throttles = said === null && (state.throttles === 0 || !isHeld(state, now)) ? state.throttles + 1 : state.throttles;
  const until = now + (said ?? holdDelayMs(throttles, random));
  // Whatever comes first afterwards comes alone.
  const ramp = state.circuit === 'closed' ? RAMP_START : state.ramp;
  if (state.holdUntil !== null && state.holdUntil >= until) return { ...state, throttles, ramp };
  return { ...state, throttles, ramp, holdUntil: until, holdReason: reason };
}

const isHeld = ({ holdUntil }: DestinationState, now: number): boolean => holdUntil !== null && holdUntil > now;

/** A success after a hold: forget it. */
function unheld(state: DestinationState, now: number): DestinationState {
  const over = state.holdUntil !== null && state.holdUntil <= now;
  if (!over && state.throttles === 0) return state;
  return { ...state, throttles: 0, ...(over && { holdUntil: null, holdReason: '' }) };
}

function closed(state: DestinationState, reason: string, now: number): DestinationState {
  return {
    ...state,
    circuit: 'closed',
    circuitReason: reason,
    generation: state.generation + 1,
    probeNotBefore: null,
    ramp: RAMP_START,
    releaseBefore: now,
  };
}

/**
 * Doubled by every success, not by every second; halved by a failure. While a hold lasts, what ends was in flight when
 * it began, and says nothing about how many may come after it.
 */
function ramped(state: DestinationState, { successes, failures }: Report, { concurrency }: Limits, now: number): DestinationState {
  if (state.ramp === null) return state;
  const grown = isHeld(state, now) ? state.ramp : state.ramp * 2 ** Math.min(successes, 16);
  const ramp = failures > 0 ? Math.max(RAMP_START, Math.floor(state.ramp / 2)) : grown;
  return { ...state, ramp: ramp >= concurrency ? null : ramp };
}
