import { timeZoneDatabaseVersion } from './database.ts';
import { formatOffset, offsetMsAt } from './offsets.ts';

/** Offsets at 2026-11-25T12:00Z that only a database of at least that release knows. */
const CANARIES = [
  { zone: 'America/Vancouver', offset: '-07:00', since: '2026b' },
  { zone: 'Africa/Casablanca', offset: '+00:00', since: '2026c' },
  { zone: 'America/Edmonton', offset: '-06:00', since: '2026c' },
  { zone: 'America/Winnipeg', offset: '-05:00', since: '2026e' },
  { zone: 'America/Havana', offset: '-04:00', since: '2026f' },
  { zone: 'America/New_York', offset: '-05:00', since: 'control' },
] as const;
const CANARY_INSTANT = Date.UTC(2026, 10, 25, 12);

/**
 * What is wrong with the time-zone database, one sentence each; empty when it is as fresh as this build was made for.
 * To be asked at start: a stale copy in an image would move lessons by an hour without any error.
 */
export function timeZoneDatabaseProblems(): string[] {
  return CANARIES.flatMap(({ zone, offset, since }) => {
    const found = formatOffset(offsetMsAt(zone, CANARY_INSTANT));
    if (found === offset) return [];
    return [`${zone} is ${found} instead of ${offset}: release ${since} is needed, ${timeZoneDatabaseVersion()} is installed`];
  });
}
