import { describe, expect, it } from 'vitest';
import { formatInstant, parseInstant } from '@schoolbell/time';
import { PACKAGE_KINDS } from './kinds.ts';
import { packageLessons, packageTerms, trialUntil } from './terms.ts';

describe('terms of a package', () => {
  const terms = (kind: (typeof PACKAGE_KINDS)[number], weeks: number, more = {}) =>
    packageTerms({ kind, weeks, startDate: '2026-09-07', zone: 'Australia/Sydney', ...more });

  it.each([[1, 1], [4, 1], [5, 2], [8, 2], [12, 3], [20, 5], [24, 6], [52, 6]])('%i weeks have %i reserve weeks', (weeks, reserve) => {
    expect(terms('individual', weeks).reserveWeeks).toBe(reserve);
    expect(terms('group', weeks).reserveWeeks).toBe(reserve);
    expect(terms('trial', weeks).reserveWeeks).toBe(0);
    expect(terms('assessment', weeks).reserveWeeks).toBe(0);
    expect(terms('individual', weeks, { reserveWeeks: 2 }).reserveWeeks).toBe(2);
  });
  it('end and limit are local midnights, over clock changes', () => {
    const { start, end, limit } = terms('individual', 12);
    expect([start, end, limit].map(formatInstant)).toEqual([
      '2026-09-06T14:00:00.000Z', '2026-11-29T13:00:00.000Z', '2026-12-20T13:00:00.000Z',
    ]);
  });
  it('a trial ends two calendar weeks after registration, by the wall clock of the zone at registration', () => {
    const registered = parseInstant('2026-03-20T23:30:00Z');
    const until = trialUntil(registered, 'Europe/Berlin');
    expect(formatInstant(until)).toBe('2026-04-03T22:30:00.000Z');
    const { limit, end } = packageTerms({ kind: 'trial', weeks: 2, startDate: '2026-03-27', zone: 'Europe/Berlin', trialUntil: until });
    expect([limit, end]).toEqual([until, until]);
  });
  it('has one lesson where the kind has one, else one for every slot of every week', () => {
    const slots = [{ weekday: 5, time: '18:30' }, { weekday: 2, time: '09:00' }] as const;
    const walls = (kind: (typeof PACKAGE_KINDS)[number]) => packageLessons(kind, '2026-09-07', 'Australia/Sydney', 2, slots).map(({ wall }) => wall);
    expect(walls('individual')).toEqual(['2026-09-08T09:00', '2026-09-11T18:30', '2026-09-15T09:00', '2026-09-18T18:30']);
    expect(walls('trial')).toEqual(['2026-09-08T09:00']);
  });
});
