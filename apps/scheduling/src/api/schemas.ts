import { Identifier } from '@schoolbell/contracts';
import { formatInstant, parseInstant } from '@schoolbell/time';
import { isCalendarDate, isTimeOfDay, isWallTime, isZoneName, type Weekday as IsoWeekday } from '@schoolbell/time/zones';
import { z } from 'zod';

/** What requests are made of. Times are checked here, so that nothing unreal gets further. */
export const PersonId = Identifier;
export const Zone = z.string().max(64).refine(isZoneName, 'must be a zone such as Europe/Berlin: Area/City, exact case')
  .describe('IANA zone, Area/City');
/** For rendering only: UTC is no place, but can be shown. */
export const ViewZone = z.union([z.literal('UTC'), Zone]);
/** The longest that RFC 5646 asks to have room for: it stands in every event that the person hears of. */
const LOCALE_MAX = 35;
export const Locale = z.string().max(LOCALE_MAX).regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'must be a locale such as ru-KZ');
/** Zone rules end with the year 2199, and what is asked for leads years further: a package, or the rest of a series. */
const BEFORE = '2190';
export const CalendarDate = z.string().refine((text) => isCalendarDate(text) && text < BEFORE, 'must be a real date such as 2026-03-08, before 2190');
export const TimeOfDay = z.string().refine(isTimeOfDay, 'must be a time of day such as 14:30');
export const Weekday = z.literal([1, 2, 3, 4, 5, 6, 7] satisfies IsoWeekday[]).describe('1 Monday to 7 Sunday');
export const Pass = z.enum(['first', 'second']).describe('Which pass of an hour that the clocks repeat');
/** To the minute: nobody agrees on seconds. */
export const Wall = z.string()
  .refine((text) => text.length === '2026-03-08T14:30'.length && isWallTime(text) && text < BEFORE, 'must be a real wall-clock time such as 2026-03-08T14:30, before 2190')
  .describe("Wall clock in the package's zone");
/** Instants that every zone can show as such a wall time. */
const EARLIEST = Date.UTC(1970, 0, 2);
const LATEST = Date.UTC(Number(BEFORE), 0, 1) - 86_400_000;
export const isTooEarly = (instant: number): boolean => instant < EARLIEST;
export const isPlannable = (instant: number): boolean => !isTooEarly(instant) && instant < LATEST;
export const Instant = z.iso.datetime({ offset: true, abort: true }).max('2026-03-08T14:30:00.000000000+00:00'.length)
  .refine((text) => isPlannable(parseInstant(text)), `must be an instant from ${formatInstant(EARLIEST)} on and before ${formatInstant(LATEST)}`).describe('RFC 3339 instant');
export const instantOf = (text: string): number => parseInstant(text);
export const Uuid = z.uuid();
// Postgres refuses NUL and lone surrogates; other control characters break what a person reads.
// eslint-disable-next-line no-control-regex
export const Reason = z.string().min(1).max(500).regex(/^[^\u0000-\u001f\u007f-\u009f]+$/, 'must be one line of printable characters')
  .refine((text) => text.isWellFormed(), 'must be well-formed Unicode');

export const NewTime = z.strictObject({ wall: Wall, pass: Pass.optional() });
export type NewTime = z.infer<typeof NewTime>;
export const newTime = ({ wall, pass }: NewTime): { wall: string; pass?: 'first' | 'second' } =>
  (pass === undefined ? { wall } : { wall, pass });
export const Without = z.array(Uuid).max(1000).default([]).describe('Lessons to leave out of a series');

export const at = (instant: number): string => formatInstant(instant);
export const atOrNull = (instant: number | undefined): string | null => (instant === undefined ? null : formatInstant(instant));

export const Idempotent = z.object({
  'idempotency-key': z.string().regex(/^[\x21-\x7e]{1,128}$/, 'printable, at most 128 characters').optional()
    .describe('The same key and body are answered the same, and done once'),
});
/** If-Match carries the version that the caller has seen, as an entity tag: `"7"`. */
export const Conditional = Idempotent.extend({
  'if-match': z.string().regex(/^"?\d{1,9}"?$/, 'must be a version such as "7"').optional()
    .describe('Refused with 412 when the version is another one'),
});
export const versionOf = (headers: z.infer<typeof Conditional>): number | undefined =>
  headers['if-match'] === undefined ? undefined : Number(headers['if-match'].replaceAll('"', ''));
