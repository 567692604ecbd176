import { segmentAt, transitionsOf } from './offsets.ts';
import type { Transitions } from './packed.ts';
import { wallMs, type WallTime } from './wall.ts';

/** Which pass of a repeated hour is meant. */
export type Pass = 'first' | 'second';

/** What a wall-clock time in a zone stands for. All instants are milliseconds since the epoch. */
export interface Resolution {
  /** `unique`; `gap`: the clock never shows it; `overlap`: the clock shows it twice. */
  readonly kind: 'unique' | 'gap' | 'overlap';
  /** The instant that counts: a gap moves forward by the gap, an overlap is the first pass unless `pass` says otherwise. */
  readonly instant: number;
  /** The earlier candidate: before the gap, or the first pass. */
  readonly earlier: number;
  /** The later candidate: after the gap, or the second pass. */
  readonly later: number;
}

// No zone was ever more than 15:56 from Greenwich, so every candidate lies within this of the wall number.
const WIDEST_OFFSET_MS = 16 * 3_600_000;

/**
 * Wall-clock time to instant. Luxon's own answer for a repeated hour depends on today's offset, so this asks the
 * transitions instead. Source of the rule for gaps: RFC 5545 section 3.3.5, and Temporal's `disambiguation: 'compatible'`.
 * Throws WallTimeError, UnknownZoneError.
 */
export function resolveWall(wall: WallTime, zone: string, pass: Pass = 'first'): Resolution {
  return resolveWallMs(wallMs(wall), zone, pass);
}

export function resolveWallMs(wall: number, zone: string, pass: Pass = 'first'): Resolution {
  const transitions = transitionsOf(zone);
  const candidates = candidatesOf(wall, transitions);
  const earlier = candidates[0];
  const later = candidates.at(-1);
  if (earlier === undefined || later === undefined) return resolveGap(wall, transitions);
  if (earlier === later) return { kind: 'unique', instant: earlier, earlier, later };
  return { kind: 'overlap', instant: pass === 'first' ? earlier : later, earlier, later };
}

/** The instants at which the clock shows the wall time, ascending. */
function candidatesOf(wall: number, transitions: Transitions): number[] {
  const { changes, offsets } = transitions;
  const last = segmentAt(transitions, wall + WIDEST_OFFSET_MS);
  const found: number[] = [];
  for (let segment = segmentAt(transitions, wall - WIDEST_OFFSET_MS); segment <= last; segment++) {
    const instant = wall - (offsets[segment] as number);
    const begins = segment === 0 ? -Infinity : (changes[segment - 1] as number);
    const ends = changes[segment] ?? Infinity;
    if (begins <= instant && instant < ends) found.push(instant);
  }
  return found;
}

function resolveGap(wall: number, transitions: Transitions): Resolution {
  const change = gapChange(wall, transitions);
  const earlier = wall - (transitions.offsets[change + 1] as number);
  const later = wall - (transitions.offsets[change] as number);
  return { kind: 'gap', instant: later, earlier, later };
}

/** Index of the change whose gap swallows the wall time. */
export function gapChange(wall: number, transitions: Transitions): number {
  const { changes, offsets } = transitions;
  const last = segmentAt(transitions, wall + WIDEST_OFFSET_MS);
  for (let change = segmentAt(transitions, wall - WIDEST_OFFSET_MS); change < last; change++) {
    const at = changes[change] as number;
    if (at + (offsets[change] as number) <= wall && wall < at + (offsets[change + 1] as number)) return change;
  }
  throw new Error(`no candidate and no gap for wall number ${wall}`);
}
