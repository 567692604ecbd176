import { describe, expect, it } from 'vitest';
import { pastGrace, silentSources, START_GRACE_MS } from './silence.ts';

const MINUTE_MS = 60_000;
const START_MS = 1_000_000_000;
const LATER_MS = START_MS + START_GRACE_MS + 1;
const watched = [
  { id: 'hourly', silentAfterMs: 60 * MINUTE_MS },
  { id: 'chatty', silentAfterMs: MINUTE_MS },
  { id: 'unwatched', silentAfterMs: undefined },
];
const heard = (minutesAgo: Record<string, number>, nowMs: number) =>
  new Map(Object.entries(minutesAgo).map(([id, minutes]) => [id, nowMs - minutes * MINUTE_MS]));

describe('silent sources', () => {
  it('are those that declare a limit and are beyond it', () => {
    const last = heard({ hourly: 59, chatty: 2, unwatched: 10_000 }, LATER_MS);
    expect(silentSources(watched, last, LATER_MS)).toEqual(['chatty']);
    expect(silentSources(watched, heard({ hourly: 61, chatty: 0 }, LATER_MS), LATER_MS)).toEqual(['hourly']);
  });

  it('are none exactly at the limit', () => {
    expect(silentSources(watched, heard({ hourly: 60, chatty: 1 }, LATER_MS), LATER_MS)).toEqual([]);
  });

  it('have time to come again after a start', () => {
    expect(pastGrace(watched, START_MS, START_MS + 2 * MINUTE_MS)).toEqual(new Set(['chatty']));
    expect(pastGrace(watched, START_MS, START_MS + START_GRACE_MS)).toEqual(new Set(['chatty']));
    expect(pastGrace(watched, START_MS, LATER_MS)).toContain('hourly');
  });
});
