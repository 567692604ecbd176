import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addCalendar, addToDate, dayBounds, daysBetween, expandSlots, expandWeekly, moveBetween, moveWall, offsetMsAt, passAt,
  resolveWall, startOfDate, toLocal, wallAt, weekBounds, zoneNames, type Weekday,
} from '../src/zones/index.ts';
import { transitionsOf } from '../src/zones/offsets.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const zone = fc.constantFrom(...zoneNames());
/** Any instant of the years that count, and often one next to a change of the zone's clocks. */
const zoneAndInstant = zone.chain((name) => {
  const near = [...transitionsOf(name).changes].filter((at) => at > Date.UTC(1972, 0, 3) && at < Date.UTC(2199, 0, 1));
  const anywhere = fc.integer({ min: Date.UTC(1972, 0, 3), max: Date.UTC(2198, 11, 31) });
  if (near.length === 0) return fc.tuple(fc.constant(name), anywhere);
  const nearby = fc
    .tuple(fc.nat(near.length - 1), fc.integer({ min: -3 * HOUR_MS, max: 3 * HOUR_MS }))
    .map(([index, away]) => (near[index] as number) + away);
  return fc.tuple(fc.constant(name), fc.oneof(anywhere, nearby));
});
const holds = <T>(arbitrary: fc.Arbitrary<T>, check: (value: T) => void) =>
  fc.assert(fc.property(arbitrary, check), { numRuns: 2_000 });

describe('walls and instants', () => {
  it('an instant survives the way to the wall and back', () =>
    holds(zoneAndInstant, ([name, instant]) => {
      const pass = passAt(instant, name);
      expect(resolveWall(wallAt(instant, name), name, pass).instant).toBe(instant);
      expect(resolveWall(wallAt(instant, name), name).kind).toBe(pass === undefined ? 'unique' : 'overlap');
    }));

  it('a wall time is shown by its instants, or lies in a gap and moves forward by the gap', () =>
    holds(zoneAndInstant, ([name, instant]) => {
      // The same number read as a wall time reaches gaps too.
      const wall = new Date(instant).toISOString().slice(0, 23);
      const { kind, earlier, later, instant: chosen } = resolveWall(wall, name);
      const shown = (at: number) => at + offsetMsAt(name, at);
      expect(earlier <= later).toBe(true);
      if (kind === 'gap') {
        const gap = later - earlier;
        expect(gap).toBeGreaterThan(0);
        expect(chosen).toBe(later);
        expect([shown(earlier), shown(later)]).toEqual([instant - gap, instant + gap]);
      } else {
        expect(chosen).toBe(earlier);
        expect([shown(earlier), shown(later)]).toEqual([instant, instant]);
        expect(kind === 'overlap').toBe(earlier < later);
        expect(resolveWall(wall, name, 'second').instant).toBe(later);
      }
    }));

  it("agrees with the runtime's zones where all releases do: 1975 to 2025", () =>
    holds(zoneAndInstant, ([name, any]) => {
      const instant = Date.UTC(1975, 0, 1) + (any % (50 * 365 * DAY_MS));
      const parts = new Intl.DateTimeFormat('en-CA', {
        timeZone: name, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit',
      }).formatToParts(instant);
      const part = (type: string) => parts.find((found) => found.type === type)?.value;
      const { date, time } = toLocal(instant, name);
      expect(`${date} ${time}`).toBe(`${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')}`);
    }));
});

describe('days, weeks and series', () => {
  it('days follow one another without a hole and have 0 to 48 hours', () =>
    holds(zoneAndInstant, ([name, instant]) => {
      const { date } = toLocal(instant, name);
      const day = dayBounds(date, name);
      expect(day.end).toBe(dayBounds(addToDate(date, { days: 1 }), name).start);
      expect(day.start).toBe(startOfDate(date, name));
      expect((day.end - day.start) / HOUR_MS).toBeGreaterThanOrEqual(0);
      expect((day.end - day.start) / HOUR_MS).toBeLessThanOrEqual(48);
      if (passAt(instant, name) === undefined) expect(day.start <= instant && instant < day.end).toBe(true);
      expect(toLocal(day.start, name).date >= date).toBe(true);
    }));

  it('a week begins on its day and follows the week before', () =>
    holds(fc.tuple(zoneAndInstant, fc.integer({ min: 1, max: 7 })), ([[name, instant], startsOn]) => {
      const week = weekBounds(instant, name, startsOn as Weekday);
      const { date } = toLocal(instant, name);
      const first = toLocal(week.start, name);
      expect(daysBetween(first.date, date)).toBeLessThan(7);
      // Only a skipped day (Apia, Kwajalein) can make a week begin later than on its first day.
      if (week.end - week.start > 6.5 * DAY_MS) expect(first.weekday).toBe(startsOn);
      expect(weekBounds(week.end, name, startsOn as Weekday).start).toBe(week.end);
    }));

  it('a weekly series drops nothing, keeps its wall clock and goes forward', () =>
    holds(fc.tuple(zoneAndInstant, fc.integer({ min: 1, max: 30 })), ([[name, instant], count]) => {
      const start = wallAt(instant, name).slice(0, 16);
      const series = expandWeekly(start, name, count);
      expect(series).toHaveLength(count);
      series.forEach(({ wall, kind, instant: at }, index) => {
        expect(wall.slice(11)).toBe(start.slice(11));
        expect(daysBetween(start.slice(0, 10), wall.slice(0, 10))).toBe(index * 7);
        if (kind !== 'gap') expect(wallAt(at, name)).toBe(wall);
        if (index > 0) expect(at).toBeGreaterThan(series[index - 1]?.instant as number);
      });
    }));

  it('slots of several weekdays stay within their weeks and in order', () =>
    holds(fc.tuple(zoneAndInstant, fc.integer({ min: 1, max: 12 })), ([[name, instant], weeks]) => {
      const { date } = toLocal(instant, name);
      const slots = [{ weekday: 2, time: '09:00' }, { weekday: 5, time: '18:30' }] as const;
      const lessons = expandSlots(date, weeks, slots, name);
      expect(lessons).toHaveLength(2 * weeks);
      for (const { wall } of lessons) {
        const days = daysBetween(date, wall.slice(0, 10));
        expect(days >= 0 && days < 7 * weeks).toBe(true);
      }
      expect(lessons.map(({ instant: at }) => at)).toEqual(lessons.map(({ instant: at }) => at).sort((a, b) => a - b));
    }));

  it('the move between two wall times leads from one to the other', () =>
    holds(fc.tuple(zoneAndInstant, fc.integer({ min: -60, max: 60 })), ([[name, instant], days]) => {
      const from = wallAt(instant, name).slice(0, 16);
      const to = wallAt(addCalendar(instant, name, { days }).instant, name).slice(0, 16);
      expect(moveWall(from, moveBetween(from, to))).toBe(to);
    }));
});
