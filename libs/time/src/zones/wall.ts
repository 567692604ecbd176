import { DateTime } from 'luxon';
import { WallTimeError } from './errors.ts';

/**
 * Wall-clock times and calendar dates, without any zone. Inside this folder a wall time is a number: the milliseconds it
 * would be if the clock on the wall were UTC's. That makes calendar arithmetic exact and free of zones.
 */

/** A wall-clock time as text: `2026-03-08T02:30`, seconds and milliseconds only where they are not zero. */
export type WallTime = string;
/** A calendar date as text: `2026-03-08`. */
export type CalendarDate = string;
/** A time of day as text: `14:30`. */
export type TimeOfDay = string;

/** Years that a wall time may name. The pinned data hold their rules far beyond. */
export const EARLIEST_YEAR = 1970;
export const LATEST_YEAR = 2199;

const WALL = /^(\d{4}-\d\d-\d\d)T((?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{3})?)?)$/;
const DATE = /^\d{4}-\d\d-\d\d$/;
const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d$/;

const utc = (text: string): DateTime => DateTime.fromISO(text, { zone: 'utc' });
const inRange = (time: DateTime): boolean => time.isValid && time.year >= EARLIEST_YEAR && time.year <= LATEST_YEAR;

/** The wall time as a number. Throws WallTimeError. */
export function wallMs(wall: WallTime): number {
  const parsed = WALL.test(wall) ? utc(wall) : undefined;
  if (parsed === undefined || !inRange(parsed)) throw new WallTimeError(wall, 'a wall-clock time');
  return parsed.toMillis();
}

/** Midnight of the date as a wall number. Throws WallTimeError. */
export function dateMs(date: CalendarDate): number {
  const parsed = DATE.test(date) ? utc(date) : undefined;
  if (parsed === undefined || !inRange(parsed)) throw new WallTimeError(date, 'a calendar date');
  return parsed.toMillis();
}

/** Luxon's view of a wall number, for calendar arithmetic. */
export const wallDateTime = (ms: number): DateTime => DateTime.fromMillis(ms, { zone: 'utc' });

/** A wall number as text. */
export function formatWall(ms: number): WallTime {
  return new Date(ms).toISOString().replace(/(?::00)?(?:\.000)?Z$/, '');
}

/** The date of a wall number as text. */
export const formatDate = (ms: number): CalendarDate => new Date(ms).toISOString().slice(0, 10);

/** Is the text a wall-clock time within the years that are kept? */
export const isWallTime = (text: string): text is WallTime => accepts(wallMs, text);
/** Is the text a calendar date within the years that are kept? */
export const isCalendarDate = (text: string): text is CalendarDate => accepts(dateMs, text);
/** Is the text a time of day, hours and minutes? `24:00` is not. */
export const isTimeOfDay = (text: string): text is TimeOfDay => TIME.test(text);

/** The wall time of a date and a time of day. Throws WallTimeError. */
export const wallOf = (date: CalendarDate, time: TimeOfDay): WallTime => formatWall(wallMs(`${date}T${time}`));

function accepts(read: (text: string) => number, text: string): boolean {
  try {
    read(text);
    return true;
  } catch (error) {
    if (error instanceof WallTimeError) return false;
    throw error;
  }
}
