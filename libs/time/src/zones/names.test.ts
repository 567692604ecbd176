import { describe, expect, it } from 'vitest';
import { timeZoneDatabaseProblems } from './canaries.ts';
import { createTimeZoneDatabase, pinnedDatabase, timeZoneDatabaseVersion } from './database.ts';
import { UnknownZoneError } from './errors.ts';
import { isZoneName, zoneNames } from './names.ts';
import { pinnedZone } from './pinned-zone.ts';
import { toLocal } from './local.ts';

describe('zone names', () => {
  it.each(['Europe/Berlin', 'Asia/Calcutta', 'Asia/Kolkata', 'Europe/Kyiv', 'America/Argentina/Ushuaia', 'US/Eastern'])(
    'accepts %s',
    (name) => expect(isZoneName(name)).toBe(true),
  );
  it.each([
    '', ' ', 'Mars/Olympus', 'UTC', 'GMT', 'UTC+3', '+03:00', 'Etc/GMT+3', 'Etc/UTC', 'EST', 'EST5EDT', 'CET', 'MSK', 'local',
    'system', 'europe/berlin', 'EUROPE/BERLIN', ' Europe/Berlin', 'Europe/Berlin ', 'Europe/Berlin\u0000', 'Europe',
    'Europe/', '/Berlin', 'GB', 'Singapore', '__proto__', 'constructor',
  ])('refuses %j', (name) => expect(isZoneName(name)).toBe(false));
  it('lists what it accepts', () => {
    expect(zoneNames().length).toBeGreaterThan(450);
    expect(zoneNames()).toEqual([...zoneNames()].sort());
    expect(zoneNames().every(isZoneName)).toBe(true);
  });
  it('throws for a zone it does not have', () => {
    expect(() => toLocal(0, 'Mars/Olympus')).toThrow(UnknownZoneError);
    expect(() => pinnedZone('')).toThrow(UnknownZoneError);
  });
  it('gives an alias the offsets of its target', () => {
    const { transitions } = pinnedDatabase();
    expect(transitions('Asia/Calcutta')).toBe(transitions('Asia/Kolkata'));
  });
});

describe('the pinned database', () => {
  it('names its release and is as fresh as the build needs', () => {
    expect(timeZoneDatabaseVersion()).toBe('2026f');
    expect(timeZoneDatabaseProblems()).toEqual([]);
  });
  it('has its rules beyond the last year that a wall time may name', () => {
    expect(toLocal(Date.UTC(2199, 6, 1), 'Europe/Berlin').offset).toBe('+02:00');
    expect(toLocal(Date.UTC(2199, 0, 1), 'Europe/Berlin').offset).toBe('+01:00');
  });
  it('is built from any packed file', () => {
    const database = createTimeZoneDatabase({ version: '2030a', zones: ['A/B|X|-10|0|'], links: ['A/B|C/D'] });
    expect([...database.names]).toEqual(['A/B', 'C/D']);
    expect(database.transitions('C/D')?.offsets[0]).toBe(3_600_000);
    expect(database.transitions('E/F')).toBeUndefined();
  });
});
