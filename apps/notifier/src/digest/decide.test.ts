import { parseInstant } from '@schoolbell/time';
import { describe, expect, it } from 'vitest';
import { dueDigest } from './decide.ts';

const plan = { at: '09:00', zone: 'Europe/Berlin' };
const due = (instant: string) => dueDigest(plan, parseInstant(instant));

describe('dueDigest', () => {
  it('is due from its time of day on, by the clocks of its zone', () => {
    expect(due('2026-07-01T06:59:59.999Z')).toBeUndefined();
    expect(due('2026-07-01T07:00:00.000Z')).toEqual({ day: '2026-07-01', untilMs: parseInstant('2026-07-01T07:00:00.000Z'), sinceMs: parseInstant('2026-06-30T07:00:00.000Z') });
    expect(due('2026-07-01T21:59:59.999Z')?.day).toBe('2026-07-01');
    expect(due('2026-07-01T22:00:00.000Z')).toBeUndefined();
  });
  it.each([
    ['2026-03-29T08:00:00.000Z', 23],
    ['2026-10-25T09:00:00.000Z', 25],
  ])('looks back to the same time of the day before: %s, %d hours', (instant, hours) => {
    const { sinceMs, untilMs } = due(instant)!;
    expect((untilMs - sinceMs) / 3_600_000).toBe(hours);
  });
});
