import moment from 'moment-timezone';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pinnedDatabase } from './database.ts';
import { offsetMsAt } from './offsets.ts';
import { unpack } from './packed.ts';

describe('packed data', () => {
  it('adds up until differences from the epoch and turns offsets east-positive', () => {
    // From the format's documentation: Los Angeles around 2014.
    const { changes, offsets } = unpack('America/Los_Angeles|PST PDT|80 70|0101|1Lzm0 1zb0 Op0');
    expect([...offsets].map((offset) => offset / 3_600_000)).toEqual([-8, -7, -8, -7]);
    expect([...changes].map((change) => new Date(change).toISOString())).toEqual([
      '2014-03-09T10:00:00.000Z',
      '2014-11-02T09:00:00.000Z',
      '2015-03-08T10:00:00.000Z',
    ]);
  });
  it('leaves out a change of name alone', () => {
    expect([...unpack('Some/Where|AA BB CC|0 0 -10|012|1 1').offsets]).toEqual([0, 3_600_000]);
  });
  it('keeps fractions: offsets of history had seconds', () => {
    expect([...unpack('Some/Where|LMT|-5R.s|0|').offsets]).toEqual([(5 * 3600 + 53 * 60 + 28) * 1000]);
  });
  it('refuses what it cannot read', () => {
    expect(() => unpack('Some/Where|AA|0|01|1')).toThrow(RangeError);
    expect(() => unpack('Some/Where|AA|!|0|')).toThrow(RangeError);
  });
  it("agrees with moment-timezone's own reading for every zone and instant", () => {
    expect(moment.tz.dataVersion).toBe(pinnedDatabase().version);
    const names = [...pinnedDatabase().names];
    const instant = fc.integer({ min: Date.UTC(1970, 0, 1), max: Date.UTC(2199, 11, 31) });
    fc.assert(
      fc.property(fc.constantFrom(...names), instant, (zone, at) => {
        const west = moment.tz.zone(zone)?.utcOffset(at) ?? Number.NaN;
        expect(offsetMsAt(zone, at)).toBe(Math.round(-west * 60_000) + 0);
      }),
      { numRuns: 5_000 },
    );
  });
  it('changes offsets at the very millisecond', () => {
    const change = Date.UTC(2026, 2, 29, 1);
    expect(offsetMsAt('Europe/Berlin', change - 1)).toBe(3_600_000);
    expect(offsetMsAt('Europe/Berlin', change)).toBe(7_200_000);
  });
});
