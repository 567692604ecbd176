import { describe, expect, it } from 'vitest';
import { resolveWall, spanOf } from '@schoolbell/time/zones';
import { whyUnavailable, type WorkingHours } from './working-hours.ts';

const zone = 'Europe/Berlin';
const everyDay = ([1, 2, 3, 4, 5, 6, 7] as const).map((weekday) => ({ weekday, from: '09:00', to: '17:00' }));
const works: WorkingHours = { zone, hours: everyDay, daysOff: ['2026-12-24'] };
const why = (wall: string, minutes: number, hours: WorkingHours = works) =>
  whyUnavailable(spanOf(resolveWall(wall, zone).instant, minutes), hours);

describe('working hours', () => {
  it('hold the whole lesson, borders included', () => {
    expect(why('2026-11-25T09:00', 480)).toBeUndefined();
    expect(why('2026-11-25T08:59', 60)).toBe('outside-working-hours');
    expect(why('2026-11-25T16:00', 60)).toBeUndefined();
    expect(why('2026-11-25T16:00', 61)).toBe('outside-working-hours');
  });
  it('know days off, and teachers without any hours teach at all times', () => {
    expect(why('2026-12-24T10:00', 60)).toBe('teacher-day-off');
    expect(why('2026-12-23T23:30', 60, { ...works, hours: [] })).toBe('teacher-day-off');
    expect(why('2026-11-25T03:00', 60, { zone, hours: [], daysOff: [] })).toBeUndefined();
  });
  it('join over midnight and around a break', () => {
    const late: WorkingHours = {
      zone, daysOff: [], hours: [{ weekday: 3, from: '20:00', to: '24:00' }, { weekday: 4, from: '00:00', to: '02:00' }],
    };
    expect(why('2026-11-25T23:30', 60, late)).toBeUndefined();
    expect(why('2026-11-26T01:30', 60, late)).toBe('outside-working-hours');
    const broken: WorkingHours = {
      zone, daysOff: [], hours: [{ weekday: 3, from: '09:00', to: '12:00' }, { weekday: 3, from: '13:00', to: '17:00' }],
    };
    expect(why('2026-11-25T11:30', 60, broken)).toBe('outside-working-hours');
  });
  it('are worked as the clocks show them on days of 23 and 25 hours', () => {
    const night: WorkingHours = { zone, daysOff: [], hours: [{ weekday: 7, from: '01:00', to: '03:00' }] };
    // Berlin, 29 March: 01:00 to 03:00 is one hour; 25 October: three.
    expect(why('2026-03-29T01:00', 60, night)).toBeUndefined();
    expect(why('2026-03-29T01:00', 61, night)).toBe('outside-working-hours');
    expect(why('2026-10-25T01:00', 180, night)).toBeUndefined();
    expect(why('2026-10-25T01:00', 181, night)).toBe('outside-working-hours');
  });
});
