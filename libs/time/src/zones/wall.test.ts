import { describe, expect, it } from 'vitest';
import { WallTimeError } from './errors.ts';
import { formatWall, isCalendarDate, isTimeOfDay, isWallTime, wallMs, wallOf } from './wall.ts';

describe('wall-clock times', () => {
  it.each(['2026-11-25T14:30', '2028-02-29T00:00', '2026-12-18T23:59:30', '2026-12-18T23:59:30.125', '1970-01-01T00:00'])(
    'accepts %s and writes it back',
    (text) => expect(formatWall(wallMs(text))).toBe(text),
  );
  it('drops seconds that are zero', () => {
    expect(formatWall(wallMs('2026-11-25T14:30:00.000'))).toBe('2026-11-25T14:30');
    expect(formatWall(wallMs('2026-11-25T00:00:00'))).toBe('2026-11-25T00:00');
    expect(formatWall(wallMs('2026-11-25T00:00:00.500'))).toBe('2026-11-25T00:00:00.500');
  });
  it.each([
    '', '2027-02-29T10:00', '2026-02-30T10:00', '2026-11-31T10:00', '2026-13-01T10:00', '2026-00-10T10:00', '2026-11-25T24:00',
    '2026-11-25T24:30', '2026-11-25T10:60', '2026-11-25', '2026-11-25 10:00', '2026-11-25T10:00Z', '2026-11-25T10:00+01:00',
    '26-11-25T10:00', '2026-11-25T1:00', '+002026-11-25T10:00', '1969-12-31T23:59', '2200-01-01T00:00', '9999-01-01T00:00',
    '2026-11-25T10:00:00.5', '2026-W48-3T10:00', ' 2026-11-25T10:00',
  ])('refuses %j', (text) => {
    expect(isWallTime(text)).toBe(false);
    expect(() => wallMs(text)).toThrow(WallTimeError);
  });
  it('knows dates and times of day', () => {
    expect(['2028-02-29', '2027-02-29', '2026-1-1', '2200-01-01'].map(isCalendarDate)).toEqual([true, false, false, false]);
    expect(['00:00', '23:59', '24:00', '7:00', '07:00:00'].map(isTimeOfDay)).toEqual([true, true, false, false, false]);
    expect(wallOf('2026-11-25', '07:05')).toBe('2026-11-25T07:05');
    expect(() => wallOf('2026-11-25', '24:00')).toThrow(WallTimeError);
  });
});
