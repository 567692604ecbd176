import { z } from 'zod';
import { PACKAGE_KINDS, PACKAGE_STATES } from '../packages/kinds.ts';
import { LESSON_MINUTES_MAX, LESSON_MINUTES_MIN, PACKAGE_WEEKS_MAX, SLOTS_MAX } from '../packages/terms.ts';
import { CalendarDate, Instant, Pass, PersonId, TimeOfDay, Uuid, Weekday, Zone } from './schemas.ts';

/** Packages as they are ordered and shown. */
export const Seat = z.strictObject({ studentId: PersonId, partnerId: PersonId });
export const Order = z.strictObject({
  kind: z.enum(PACKAGE_KINDS),
  zone: Zone.describe('Frozen at purchase: lessons keep their wall clock in it'),
  teacherId: PersonId,
  seats: z.array(Seat).min(1).max(6),
  startDate: CalendarDate,
  weeks: z.int().min(1).max(PACKAGE_WEEKS_MAX),
  slots: z.array(z.strictObject({ weekday: Weekday, time: TimeOfDay, pass: Pass.optional() })).min(1).max(SLOTS_MAX),
  minutes: z.int().min(LESSON_MINUTES_MIN).max(LESSON_MINUTES_MAX),
  reserveWeeks: z.int().min(0).max(PACKAGE_WEEKS_MAX).optional().describe('Default: ceil(weeks / 4), at most 6'),
  registeredAt: Instant.optional().describe('Of a trial: when the partner registered'),
  registeredZone: Zone.optional().describe("Of a trial: the partner's zone then, on whose clocks its two weeks are counted. Default: the package's zone"),
  testId: PersonId.optional().describe('Of an assessment: the test that is its first part'),
});
export const Package = z.object({
  id: Uuid, kind: z.enum(PACKAGE_KINDS), state: z.enum(PACKAGE_STATES), zone: z.string(), teacherId: z.string(),
  startDate: z.string(), weeks: z.int(), reserveWeeks: z.int(), start: z.iso.datetime(), end: z.iso.datetime(),
  limit: z.iso.datetime().describe('No lesson may be moved to end later'), version: z.int(),
  testId: z.string().nullable(), partsDone: z.record(z.string(), z.string()),
  tooSmall: z.object({ since: z.iso.datetime(), askedAgainAt: z.iso.datetime() }).nullable()
    .describe('A group with fewer than two students: partners and managers are asked each day what to do'),
  seats: z.array(z.object({ studentId: z.string(), partnerId: z.string(), active: z.boolean() })),
});
