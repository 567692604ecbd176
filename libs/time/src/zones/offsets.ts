import { pinnedDatabase } from './database.ts';
import { UnknownZoneError } from './errors.ts';
import type { Transitions } from './packed.ts';

/** Offsets of a zone of the pinned database. Throws UnknownZoneError. */
export function transitionsOf(zone: string): Transitions {
  const transitions = pinnedDatabase().transitions(zone);
  if (transitions === undefined) throw new UnknownZoneError(zone);
  return transitions;
}

/** How many changes of `transitions` lie at or before the instant: the index of the offset in force. */
export function segmentAt({ changes }: Transitions, instant: number): number {
  let low = 0;
  let high = changes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((changes[middle] as number) <= instant) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Milliseconds that the zone is ahead of UTC at an instant (epoch ms). Throws UnknownZoneError. */
export function offsetMsAt(zone: string, instant: number): number {
  const transitions = transitionsOf(zone);
  return transitions.offsets[segmentAt(transitions, instant)] as number;
}

const MINUTE_MS = 60_000;

/** An offset as ISO 8601 writes it: `+05:45`, `-07:00`; with seconds only where history had them. */
export function formatOffset(offsetMs: number): string {
  const sign = offsetMs < 0 ? '-' : '+';
  const seconds = Math.round(Math.abs(offsetMs) / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  if (seconds % 60 !== 0) parts.push(seconds % 60);
  return sign + parts.map((part) => String(part).padStart(2, '0')).join(':');
}

/** An offset as a reader is shown it: `UTC+1`, `UTC+5:45`, `UTC-7`. Plain hyphen, as CLDR's hourFormat has it. */
export function readableOffset(offsetMs: number): string {
  const minutes = Math.round(Math.abs(offsetMs) / MINUTE_MS);
  const rest = minutes % 60 === 0 ? '' : `:${String(minutes % 60).padStart(2, '0')}`;
  return `UTC${offsetMs < 0 ? '-' : '+'}${Math.floor(minutes / 60)}${rest}`;
}
