import { formatOffset, offsetMsAt } from './offsets.ts';
import { resolveWallMs, type Pass } from './resolve.ts';
import { formatDate, formatWall, type CalendarDate, type TimeOfDay, type WallTime } from './wall.ts';

/** 1 Monday to 7 Sunday, as ISO 8601 counts. */
export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** An instant as the clocks of a zone show it. */
export interface LocalTime {
  readonly wall: WallTime;
  readonly date: CalendarDate;
  readonly time: TimeOfDay;
  /** `-07:00`. */
  readonly offset: string;
  /** Wall clock and offset: `2026-11-25T14:30+01:00`. */
  readonly local: string;
  readonly weekday: Weekday;
  /** `2026-W48`. */
  readonly isoWeek: string;
}

/** The wall number of an instant: what the zone's clocks show, read as if it were UTC. */
export const wallMsAt = (instant: number, zone: string): number => instant + offsetMsAt(zone, instant);

/** The wall-clock time of an instant (epoch ms). Throws UnknownZoneError. */
export const wallAt = (instant: number, zone: string): WallTime => formatWall(wallMsAt(instant, zone));

const DAY_MS = 86_400_000;
const MONDAY_IS_DAY = 3;

/** The weekday of a wall number: day 0, 1 January 1970, was a Thursday. */
export const weekdayOf = (wall: number): Weekday => {
  const days = Math.floor(wall / DAY_MS) + MONDAY_IS_DAY;
  return ((((days % 7) + 7) % 7) + 1) as Weekday;
};

/** A week belongs to the year that its Thursday lies in (ISO 8601). */
function isoWeekOf(wall: number): string {
  const thursday = Math.floor(wall / DAY_MS) + 4 - weekdayOf(wall);
  const year = new Date(thursday * DAY_MS).getUTCFullYear();
  const week = Math.floor((thursday - Date.UTC(year, 0, 1) / DAY_MS) / 7) + 1;
  return `${year}-W${String(week).padStart(2, '0')}`;
}

/**
 * An instant (epoch ms) as the clocks of the zone show it. Throws UnknownZoneError. Plain arithmetic on the wall number: a
 * timetable asks for hundreds of these, and Luxon's objects cost ten times as much.
 */
export function toLocal(instant: number, zone: string): LocalTime {
  const offsetMs = offsetMsAt(zone, instant);
  const ms = instant + offsetMs;
  const wall = formatWall(ms);
  const offset = formatOffset(offsetMs);
  return {
    wall,
    date: formatDate(ms),
    time: wall.slice(11, 16),
    offset,
    local: wall + offset,
    weekday: weekdayOf(ms),
    isoWeek: isoWeekOf(ms),
  };
}

/** Which pass of a repeated hour the instant is; undefined when the clock shows its time only once. */
export function passAt(instant: number, zone: string): Pass | undefined {
  const { kind, earlier } = resolveWallMs(wallMsAt(instant, zone), zone);
  if (kind !== 'overlap') return undefined;
  return instant === earlier ? 'first' : 'second';
}
