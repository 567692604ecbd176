import { gapChange, resolveWallMs, type Pass, type Resolution } from './resolve.ts';
import { wallMsAt, type Weekday } from './local.ts';
import { transitionsOf } from './offsets.ts';
import { dateMs, formatDate, formatWall, wallDateTime, wallMs, type CalendarDate, type WallTime } from './wall.ts';

/** Calendar time: its length in hours depends on where and when. Days, weeks and years are never hours here. */
export interface CalendarPeriod {
  readonly years?: number;
  readonly months?: number;
  readonly weeks?: number;
  readonly days?: number;
}

/** Half open: `start <= t < end`, epoch ms. */
export interface Interval {
  readonly start: number;
  readonly end: number;
}

/** A wall-clock time later by a calendar period; 29 February plus a year is 28 February. */
export const addToWall = (wall: WallTime, period: CalendarPeriod): WallTime =>
  formatWall(wallDateTime(wallMs(wall)).plus(period).toMillis());

/** A date later by a calendar period. */
export const addToDate = (date: CalendarDate, period: CalendarPeriod): CalendarDate =>
  formatDate(wallDateTime(dateMs(date)).plus(period).toMillis());

/** Whole days from one date to another; negative when `to` is before `from`. */
export const daysBetween = (from: CalendarDate, to: CalendarDate): number => (dateMs(to) - dateMs(from)) / DAY_MS;
const DAY_MS = 86_400_000;

/** The same wall clock a calendar period after an instant, in the zone. Source: Temporal, ZonedDateTime arithmetic. */
export function addCalendar(instant: number, zone: string, period: CalendarPeriod, pass?: Pass): Resolution {
  return resolveWallMs(wallDateTime(wallMsAt(instant, zone)).plus(period).toMillis(), zone, pass);
}

/** The first instant of a date in a zone: not 00:00 where the clocks skip it (Santiago starts a day at 01:00). */
export const startOfDate = (date: CalendarDate, zone: string): number => startOfDateMs(dateMs(date), zone);

function startOfDateMs(midnight: number, zone: string): number {
  const { kind, instant } = resolveWallMs(midnight, zone);
  if (kind !== 'gap') return instant;
  const transitions = transitionsOf(zone);
  return transitions.changes[gapChange(midnight, transitions)] as number;
}

/** A date in a zone, 22 to 25 hours long; of no length at all where a whole day was skipped (Apia, 30 December 2011). */
export function dayBounds(date: CalendarDate, zone: string): Interval {
  const midnight = dateMs(date);
  return { start: startOfDateMs(midnight, zone), end: startOfDateMs(midnight + DAY_MS, zone) };
}

/** The week around an instant in a zone. `weekStartsOn`: 1 Monday to 7 Sunday. */
export function weekBounds(instant: number, zone: string, weekStartsOn: Weekday = 1): Interval {
  const midnight = Math.floor(wallMsAt(instant, zone) / DAY_MS) * DAY_MS;
  const intoWeek = (wallDateTime(midnight).weekday - weekStartsOn + 7) % 7;
  const first = midnight - intoWeek * DAY_MS;
  return { start: startOfDateMs(first, zone), end: startOfDateMs(first + 7 * DAY_MS, zone) };
}

/** Do two half-open intervals share an instant? */
export const overlaps = (one: Interval, other: Interval): boolean => one.start < other.end && other.start < one.end;

/** Exact minutes from a start: a lesson of 60 minutes lasts 60 minutes over any clock change. */
export const spanOf = (start: number, minutes: number): Interval => ({ start, end: start + minutes * 60_000 });
