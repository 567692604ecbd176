import { readFileSync } from 'node:fs';
import { moveDeadlines, offerTimeRefusal, parseInstant } from '../src/index.ts';
import {
  addCalendar, addToWall, dayBounds, expandWeekly, isWallTime, isZoneName, moveWall, offsetMsAt, overlaps, packageBounds,
  reserveWeeks, resolveWall, formatOffset, spanOf, timeZoneDatabaseVersion, toLocal, weekBounds,
  type CalendarDate, type Interval, type WallTime, type Weekday,
} from '../src/zones/index.ts';

/** The verified cases, and for each operation how our own answer is put into the form of the expected one. */
export interface TimeCase {
  readonly id: string;
  readonly op: string;
  readonly title: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly input: any;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly expected: any;
}

/** These two record faults of other libraries; there is nothing of ours to run. */
const FAULTS_OF_OTHERS = new Set(['luxon_now', 'rrule_gap']);

const all: TimeCase[] = JSON.parse(readFileSync(new URL('time-cases.json', import.meta.url), 'utf8')).cases;
export const timeCases = all.filter(({ op }) => !FAULTS_OF_OTHERS.has(op));
export const leftOut = all.filter(({ op }) => FAULTS_OF_OTHERS.has(op));

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const weekdayName = (instant: number, zone: string): string => WEEKDAYS[toLocal(instant, zone).weekday - 1] as string;
const local = (instant: number, zone: string): string => toLocal(instant, zone).local;
const withWeekday = (instant: number, zone: string): string => `${weekdayName(instant, zone)} ${local(instant, zone)}`;
/** Instants as the cases write them: milliseconds only where they are not zero. */
const utc = (instant: number): string => new Date(instant).toISOString().replace('.000Z', 'Z');
const both = (instant: number, zone: string) => ({ utc: utc(instant), local: local(instant, zone) });
const hours = ({ start, end }: Interval): number => (end - start) / 3_600_000;

interface MoveInput {
  now: string; anchorZone: string; startLocal: WallTime; count: number; toWeekday: Weekday; toTime: string; weekShift: number;
}
function seriesMove({ anchorZone, startLocal, count, toWeekday, toTime, weekShift }: MoveInput) {
  return expandWeekly(startLocal, anchorZone, count).map(({ wall, instant }) => ({
    from: instant,
    to: resolveWall(moveWall(wall, { weekday: toWeekday, time: toTime, weekShift }), anchorZone).instant,
  }));
}
interface End { utc?: string; local: string; zone: string; minutes: number }
const endOf = (end: End): Interval =>
  spanOf(end.utc === undefined ? resolveWall(end.local, end.zone).instant : parseInstant(end.utc), end.minutes);

function deadlines(now: number, old: number, offered: number, zone: string) {
  const reason = offerTimeRefusal(now, old, offered);
  if (reason !== undefined) return { allowed: false, reason };
  const found = moveDeadlines(now, old, offered);
  const shown = (name: string, instant: number | undefined) =>
    instant === undefined ? {} : { [`${name}At`]: utc(instant), [`${name}Local`]: local(instant, zone) };
  return {
    allowed: true,
    direction: found.direction,
    ...shown('autoDecline', found.autoDeclineAt),
    ...shown('remind', found.remindAt),
    ...shown('unfinishedNotice', found.unfinishedNoticeAt),
    ...(found.remindAtOnce === true ? { remindAtOnce: true } : {}),
  };
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Operation = (input: any, expected: any) => unknown;

/** Each gives our answer in the form of `expected`. */
export const operations: Readonly<Record<string, Operation>> = {
  local_to_instant({ local: wall, zone }) {
    const { kind, instant, earlier, later } = resolveWall(wall, zone);
    const answer = { kind, ...both(instant, zone) };
    return kind === 'unique' ? answer : { ...answer, earlier: both(earlier, zone), later: both(later, zone) };
  },
  instant_to_local: ({ utc: instant, zones }) =>
    zones.map((zone: string) => {
      const at = parseInstant(instant);
      const { local: shown, isoWeek } = toLocal(at, zone);
      return { zone, local: shown, weekday: weekdayName(at, zone), isoWeek };
    }),
  series_weekly: ({ anchorZone, startLocal, count, viewZones }) =>
    expandWeekly(startLocal, anchorZone, count).map(({ kind, instant }) => ({
      utc: utc(instant),
      anchor: withWeekday(instant, anchorZone),
      views: viewZones.map((zone: string) => withWeekday(instant, zone)),
      ...(kind === 'unique' ? {} : { kind }),
    })),
  week_bounds({ utc: instant, zone, weekStartsOn }) {
    const week = weekBounds(parseInstant(instant), zone, weekStartsOn);
    return { startUtc: utc(week.start), startLocal: local(week.start, zone), endUtc: utc(week.end), hours: hours(week) };
  },
  day_bounds({ date, zone }: { date: CalendarDate; zone: string }) {
    const day = dayBounds(date, zone);
    return { startUtc: utc(day.start), startLocal: local(day.start, zone), endUtc: utc(day.end), hours: hours(day) };
  },
  // What V8 makes of a name is recorded in the case, but is not our answer.
  zone_check: ({ zone }, { v8ResolvesTo }) =>
    v8ResolvesTo === undefined ? { accepted: isZoneName(zone) } : { accepted: isZoneName(zone), v8ResolvesTo },
  add_calendar({ local: wall, zone, days, years }) {
    const start = resolveWall(wall, zone).instant;
    const period = days === undefined ? { years } : { days };
    const sum = addCalendar(start, zone, period);
    const byWall = resolveWall(addToWall(wall, period), zone);
    if (byWall.instant !== sum.instant) throw new Error('by wall and by instant must agree');
    const exact = start + (days ?? 0) * 86_400_000;
    return {
      startUtc: utc(start),
      ...both(sum.instant, zone),
      ...(sum.kind === 'unique' ? {} : { kind: sum.kind }),
      ...(days === undefined ? {} : { exactHoursUtc: utc(exact), differs: exact !== sum.instant }),
    };
  },
  invalid_local: ({ local: wall }) => ({ result: isWallTime(wall) ? 'accepted' : 'rejected' }),
  lesson_span({ local: wall, zone, minutes }) {
    const { start, end } = spanOf(resolveWall(wall, zone).instant, minutes);
    return { startUtc: utc(start), endUtc: utc(end), startLocal: local(start, zone), endLocal: local(end, zone) };
  },
  conflict({ a, b }) {
    const [one, other] = [endOf(a), endOf(b)];
    const shown = ({ start, end }: Interval) => `${utc(start)}/${utc(end)}`;
    return { a: shown(one), b: shown(other), conflict: overlaps(one, other) };
  },
  deadlines: ({ now, oldUtc, newUtc, zone }) =>
    deadlines(parseInstant(now), parseInstant(oldUtc), parseInstant(newUtc), zone),
  series_move: (input: MoveInput) =>
    seriesMove(input).map(({ from, to }) => ({
      from: utc(from),
      to: utc(to),
      toLocal: withWeekday(to, input.anchorZone),
      direction: to < from ? 'earlier' : 'later',
      exactDeltaHours: (to - from) / 3_600_000,
    })),
  series_deadlines: (input: MoveInput) =>
    seriesMove(input).map(({ from, to }, index) => {
      const found = deadlines(parseInstant(input.now), from, to, input.anchorZone) as Record<string, unknown>;
      const row = { n: index + 1, from: utc(from), to: utc(to) };
      if (found['allowed'] === false) return { ...row, excluded: found['reason'] };
      const { direction, autoDeclineAt: detachAt, remindAt, unfinishedNoticeAt } = found;
      return {
        ...row, direction, detachAt,
        ...(remindAt === undefined ? {} : { remindAt }),
        ...(unfinishedNoticeAt === undefined ? {} : { unfinishedNoticeAt }),
      };
    }),
  regularity: ({ lessons, zones }) =>
    Object.fromEntries(
      zones.map((zone: string) => {
        const slots = lessons.map((lesson: string) => {
          const at = parseInstant(lesson);
          return `${weekdayName(at, zone)} ${toLocal(at, zone).time}`;
        });
        const distinct = [...new Set(slots)].sort();
        return [zone, { regular: distinct.length === 1, slots: distinct }];
      }),
    ),
  // The older releases are not installed here: their answers stand in the case; ours must be the newest one's.
  tzdata_change({ local: wall, zone }, expected) {
    const { instant } = resolveWall(wall, zone);
    const before = String(expected['node ICU 2025c']).split(' = ')[1] as string;
    return {
      ...expected,
      [timeZoneDatabaseVersion()]: `${local(instant, zone)} = ${utc(instant)}`,
      shiftMinutes: (instant - parseInstant(before)) / 60_000,
    };
  },
  offset_at: ({ utc: instant, zone }) => ({ offset: formatOffset(offsetMsAt(zone, parseInstant(instant))) }),
  reserve_limit({ startDate, zone, weeks }) {
    const reserve = reserveWeeks(weeks);
    const { start, end, limit } = packageBounds(startDate, zone, weeks, reserve);
    return {
      startUtc: utc(start), packageEndUtc: utc(end), reserveWeeks: reserve,
      hardLimitUtc: utc(limit), hardLimitLocal: local(limit, zone),
    };
  },
};
