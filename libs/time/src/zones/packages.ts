import { addToDate, startOfDate } from './calendar.ts';
import type { CalendarDate } from './wall.ts';

/** One reserve week for every four weeks begun, at most this many. */
export const RESERVE_WEEKS_MAX = 6;

/** Reserve weeks of a package of so many weeks: ceil(weeks / 4), at most 6. */
export const reserveWeeks = (weeks: number): number => Math.min(RESERVE_WEEKS_MAX, Math.ceil(weeks / 4));

/** The borders of a package or a contract: local midnights in its own zone, epoch ms. */
export interface PackageBounds {
  readonly start: number;
  /** Local midnight after the last day. */
  readonly end: number;
  /** The same, reserve weeks later: no lesson may be moved beyond. */
  readonly limit: number;
}

/** Weeks are calendar time in the package's zone, so they may be 167 or 169 hours long. */
export function packageBounds(startDate: CalendarDate, zone: string, weeks: number, reserve: number): PackageBounds {
  const endDate = addToDate(startDate, { weeks });
  return {
    start: startOfDate(startDate, zone),
    end: startOfDate(endDate, zone),
    limit: startOfDate(addToDate(endDate, { weeks: reserve }), zone),
  };
}
