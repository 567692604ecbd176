/**
 * Zones, wall clocks and calendars. An entry of its own: processes that only need a clock do not load Luxon, and the
 * zone data are read when a zone is first asked for.
 */
export {
  addCalendar, addToDate, addToWall, dayBounds, daysBetween, overlaps, spanOf, startOfDate, weekBounds,
  type CalendarPeriod, type Interval,
} from './calendar.ts';
export { timeZoneDatabaseProblems } from './canaries.ts';
export { timeZoneDatabaseVersion } from './database.ts';
export { UnknownZoneError, WallTimeError } from './errors.ts';
export { passAt, toLocal, wallAt, type LocalTime, type Weekday } from './local.ts';
export { isZoneName, zoneNames } from './names.ts';
export { formatOffset, offsetMsAt, readableOffset } from './offsets.ts';
export { packageBounds, RESERVE_WEEKS_MAX, reserveWeeks, type PackageBounds } from './packages.ts';
export { pinnedZone } from './pinned-zone.ts';
export {
  cityOf, formatForReader, READER_LANGUAGES, readerLanguage, type ReaderLanguage, type ReaderOptions,
} from './reader.ts';
export { resolveWall, type Pass, type Resolution } from './resolve.ts';
export {
  expandSlots, expandWeekly, moveBetween, moveWall, type Occurrence, type WeeklyMove, type WeeklySlot,
} from './series.ts';
export {
  EARLIEST_YEAR, isCalendarDate, isTimeOfDay, isWallTime, LATEST_YEAR, wallOf,
  type CalendarDate, type TimeOfDay, type WallTime,
} from './wall.ts';
