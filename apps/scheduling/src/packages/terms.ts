import {
  addCalendar, expandSlots, packageBounds, reserveWeeks, type CalendarDate, type Occurrence, type WeeklySlot,
} from '@schoolbell/time/zones';
import { KIND_RULES, type PackageKind } from './kinds.ts';

/** What is stored with a package at purchase, so that a changed formula changes no package that was sold. */
export interface PackageTerms {
  readonly reserveWeeks: number;
  /** Local midnights in the package's zone, epoch ms. */
  readonly start: number;
  readonly end: number;
  /** No lesson may be moved to end after this. */
  readonly limit: number;
}

/** A trial is bought and held within so many calendar days of the partner's registration. */
export const TRIAL_DAYS = 14;
/** Bounds of what can be asked for: a package of two years with a lesson every day. */
export const PACKAGE_WEEKS_MAX = 104;
export const SLOTS_MAX = 7;
export const LESSON_MINUTES_MIN = 10;
export const LESSON_MINUTES_MAX = 480;

/** Terms of a package by its kind's rules. */
export function packageTerms(options: {
  readonly kind: PackageKind;
  readonly startDate: CalendarDate;
  readonly zone: string;
  readonly weeks: number;
  /** A stated number of reserve weeks instead of the formula's. */
  readonly reserveWeeks?: number;
  /** Of a trial: the end of its two weeks (epoch ms). */
  readonly trialUntil?: number;
}): PackageTerms {
  const { kind, startDate, zone, weeks, trialUntil } = options;
  const reserve = KIND_RULES[kind].hasReserveWeeks ? (options.reserveWeeks ?? reserveWeeks(weeks)) : 0;
  const bounds = packageBounds(startDate, zone, weeks, reserve);
  const limit = trialUntil === undefined ? bounds.limit : Math.min(bounds.limit, trialUntil);
  return { ...bounds, limit, end: Math.min(bounds.end, limit), reserveWeeks: reserve };
}

/** The same wall clock 14 calendar days after registration, in the zone at registration: stored then, as an instant. */
export const trialUntil = (registeredAt: number, zone: string): number =>
  addCalendar(registeredAt, zone, { days: TRIAL_DAYS }).instant;

/** The lessons of a package: every weekly slot of every week; one lesson for kinds that have only one. */
export function packageLessons(
  kind: PackageKind, startDate: CalendarDate, zone: string, weeks: number, slots: readonly WeeklySlot[],
): Occurrence[] {
  const lessons = expandSlots(startDate, weeks, slots, zone);
  return KIND_RULES[kind].singleLesson ? lessons.slice(0, 1) : lessons;
}
