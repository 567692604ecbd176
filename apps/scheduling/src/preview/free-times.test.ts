import { describe, expect, it } from 'vitest';
import { parseInstant } from '@schoolbell/time';
import { wallAt } from '@schoolbell/time/zones';
import { gridOf, stretchesOf } from './free-times.ts';

const walls = (from: string, to: string, zone: string) => gridOf(parseInstant(from), parseInstant(to), zone).map((start) => wallAt(start, zone).slice(11));

describe('free times', () => {
  it("lie on half hours of the package's own clock, whatever its offset", () => {
    expect(walls('2026-03-18T12:00:00Z', '2026-03-18T13:00:00Z', 'Europe/Berlin')).toEqual(['13:00', '13:30']);
    expect(walls('2026-03-18T12:00:00Z', '2026-03-18T13:00:00Z', 'Asia/Kathmandu')).toEqual(['18:00', '18:30']);
    expect(walls('2026-03-18T12:00:00Z', '2026-03-18T13:00:00.001Z', 'America/St_Johns')).toEqual(['09:30', '10:00', '10:30']);
    expect(walls('2026-03-18T12:00:00.001Z', '2026-03-18T12:30:00Z', 'Europe/Berlin')).toEqual([]);
  });
  it('skip what the clocks skip and show twice what they repeat', () => {
    expect(walls('2026-03-29T00:30:00Z', '2026-03-29T01:31:00Z', 'Europe/Berlin')).toEqual(['01:30', '03:00', '03:30']);
    expect(walls('2026-10-25T00:00:00Z', '2026-10-25T02:00:00Z', 'Europe/Berlin')).toEqual(['02:00', '02:30', '02:00', '02:30']);
    expect(walls('2026-10-03T15:00:00Z', '2026-10-03T16:00:00Z', 'Australia/Lord_Howe')).toEqual(['01:30', '02:30']);
  });
  it('come in stretches, each with what ends it', () => {
    expect(stretchesOf([
      { start: 1, codes: ['offer-too-near'] }, { start: 2, codes: [] }, { start: 3, codes: [] }, { start: 4, codes: ['teacher-busy', 'student-busy'] },
      { start: 5, codes: ['teacher-day-off'] }, { start: 6, codes: [] }, { start: 7, codes: ['outside-working-hours'] }, { start: 8, codes: [] },
    ])).toEqual([
      { first: 2, last: 3, endedBy: ['teacher-busy', 'student-busy'] }, { first: 6, last: 6, endedBy: ['outside-working-hours'] },
      { first: 8, last: 8, endedBy: [] },
    ]);
    expect(stretchesOf([])).toEqual([]);
  });
});
