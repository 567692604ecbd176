import type { Weekday } from './local.ts';
import { resolveWallMs, type Pass, type Resolution } from './resolve.ts';
import {
  dateMs, formatWall, wallDateTime, wallMs, wallOf,
  type CalendarDate, type TimeOfDay, type WallTime,
} from './wall.ts';

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;

/** One lesson time of every week. */
export interface WeeklySlot {
  readonly weekday: Weekday;
  readonly time: TimeOfDay;
  /** Which pass, should the time fall into a repeated hour. */
  readonly pass?: Pass;
}

/** One lesson of a series: the wall clock that was agreed and the instant it stands for. */
export interface Occurrence extends Resolution {
  /** The nominal time, also where a gap moved the instant. */
  readonly wall: WallTime;
}

/** The same wall clock once a week. No occurrence is ever dropped, whatever the clocks do. */
export function expandWeekly(startWall: WallTime, zone: string, count: number, pass?: Pass): Occurrence[] {
  const start = wallMs(startWall);
  return Array.from({ length: count }, (_, week) => occurrence(start + week * WEEK_MS, zone, pass));
}

/** Every weekly slot of `weeks` weeks from a date on (the date itself included), in order. */
export function expandSlots(
  from: CalendarDate, weeks: number, slots: readonly WeeklySlot[], zone: string,
): Occurrence[] {
  const first = dateMs(from);
  return slots
    .flatMap((slot) => {
      const date = first + ((slot.weekday - wallDateTime(first).weekday + 7) % 7) * DAY_MS;
      const wall = wallMs(wallOf(formatWall(date).slice(0, 10), slot.time));
      return Array.from({ length: weeks }, (_, week) => occurrence(wall + week * WEEK_MS, zone, slot.pass));
    })
    .sort((one, other) => one.instant - other.instant);
}

/** Where a lesson of a series goes: another weekday and time, some ISO weeks on. */
export interface WeeklyMove {
  readonly weekday: Weekday;
  readonly time: TimeOfDay;
  /** ISO weeks from the lesson's own week: 0 the same week, 1 the next. */
  readonly weekShift: number;
}

/** A wall-clock time moved by weekday, time and weeks: by the calendar, never by exact hours. */
export function moveWall(wall: WallTime, { weekday, time, weekShift }: WeeklyMove): WallTime {
  const from = wallDateTime(wallMs(wall));
  const date = from.startOf('day').plus({ days: weekday - from.weekday, weeks: weekShift });
  return wallOf(date.toISODate() as string, time);
}

/** The move that takes one wall-clock time to another, to be applied to the other lessons of its series. */
export function moveBetween(from: WallTime, to: WallTime): WeeklyMove {
  const before = wallDateTime(wallMs(from)).startOf('week');
  const after = wallDateTime(wallMs(to));
  return {
    weekday: after.weekday as Weekday,
    time: to.slice(11, 16),
    weekShift: Math.round(after.startOf('week').diff(before, 'weeks').weeks),
  };
}

function occurrence(wall: number, zone: string, pass?: Pass): Occurrence {
  return { wall: formatWall(wall), ...resolveWallMs(wall, zone, pass) };
}
