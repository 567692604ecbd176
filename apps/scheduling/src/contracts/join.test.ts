import { describe, expect, it } from 'vitest';
import { parseInstant } from '@schoolbell/time';
import { contractInterval, joinContracts, OPEN_END } from './join.ts';

describe('contracts', () => {
  it('end at local midnight after the last day, in their own zone', () => {
    const contract = { zone: 'Australia/Sydney', firstDay: '2026-09-07', lastDay: '2026-11-29' };
    expect(contractInterval(contract)).toEqual({
      start: parseInstant('2026-09-06T14:00:00Z'), end: parseInstant('2026-11-29T13:00:00Z'),
    });
    expect(contractInterval({ ...contract, lastDay: undefined }).end).toBe(OPEN_END);
  });
  it('renewed ones join, also where they overlap; a gap stays a gap', () => {
    expect(joinContracts([{ start: 5, end: 9 }, { start: 0, end: 3 }, { start: 3, end: 4 }, { start: 7, end: 8 }])).toEqual([
      { start: 0, end: 4 }, { start: 5, end: 9 },
    ]);
    expect(joinContracts([{ start: 3, end: 3 }])).toEqual([]);
  });
});
