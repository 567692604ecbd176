import { describe, expect, it } from 'vitest';
import { wellState } from '../../test/well-state.ts';
import { allowance, refill } from './allowance.ts';

const now = 1_000_000;
const limits = { ratePerSecond: 10, concurrency: 8 };
const well = wellState({ tokensAt: now });

describe('refill', () => {
  it('earns the rate, up to one second of it, and at least one token', () => {
    expect(refill({ tokens: 0, tokensAt: now - 500 }, 10, now)).toBe(5);
    expect(refill({ tokens: 0, tokensAt: now - 60_000 }, 10, now)).toBe(10);
    expect(refill({ tokens: 0, tokensAt: now - 60_000_000 }, 0.01, now)).toBe(1);
  });
  it('neither earns nor loses when the clock steps back', () => {
    expect(refill({ tokens: 3, tokensAt: now + 5_000 }, 10, now)).toBe(3);
  });
});

describe('allowance', () => {
  it.each([
    ['all of a rested destination', {}, 0, 8],
    ['what live leases leave', {}, 5, 3],
    ['whole tokens only', { tokens: 2.99 }, 0, 2],
    ['exactly one token', { tokens: 1 }, 0, 1],
    ['the ramp', { ramp: 2 }, 0, 2],
    ['what live leases leave of the ramp', { ramp: 2 }, 1, 1],
    ['never more than the concurrency, whatever the ramp says', { ramp: 64 }, 0, 8],
  ] as const)('is %s', (_name, change, live, count) => {
    expect(allowance({ ...well, ...change }, limits, live, now)).toMatchObject({ kind: 'requests', count });
  });

  it('is nothing for a paused or disabled destination, for as long as nobody acts', () => {
    for (const state of ['paused', 'disabled'] as const) {
      expect(allowance({ ...well, state, circuit: 'open' }, limits, 0, now)).toEqual({ kind: 'nothing', why: 'inactive' });
    }
  });

  it('is nothing during a hold, not even a probe, and everything at its end', () => {
    const held = { ...well, holdUntil: now + 1 };
    expect(allowance(held, limits, 0, now)).toEqual({ kind: 'nothing', why: 'hold', until: now + 1 });
    expect(allowance({ ...held, circuit: 'open' }, limits, 0, now)).toMatchObject({ why: 'hold' });
    expect(allowance(held, limits, 0, now + 1)).toMatchObject({ kind: 'requests' });
  });

  it('waits for a free place without a time, and for a token with one', () => {
    expect(allowance(well, limits, 8, now)).toEqual({ kind: 'nothing', why: 'concurrency' });
    expect(allowance(well, limits, 9, now)).toEqual({ kind: 'nothing', why: 'concurrency' });
    expect(allowance({ ...well, ramp: 1 }, limits, 1, now)).toEqual({ kind: 'nothing', why: 'concurrency' });
    expect(allowance({ ...well, tokens: 0.5 }, limits, 0, now)).toEqual({ kind: 'nothing', why: 'rate', until: now + 50 });
  });

  it('is one probe at a time while the circuit is open, and not before its time', () => {
    const open = { ...well, circuit: 'open' as const, probeNotBefore: now, probeUntil: null };
    expect(allowance(open, limits, 0, now)).toMatchObject({ kind: 'probe' });
    expect(allowance({ ...open, probeNotBefore: now + 1 }, limits, 0, now)).toEqual({ kind: 'nothing', why: 'circuit', until: now + 1 });
    expect(allowance({ ...open, probeUntil: now + 9 }, limits, 0, now)).toEqual({ kind: 'nothing', why: 'circuit', until: now + 9 });
    expect(allowance({ ...open, probeUntil: now }, limits, 0, now)).toMatchObject({ kind: 'probe' });
    expect(allowance({ ...open, tokens: 0 }, limits, 0, now)).toMatchObject({ why: 'rate' });
  });

  it('probes although requests from before are still in flight', () => {
    expect(allowance({ ...well, circuit: 'open' }, limits, 8, now)).toMatchObject({ kind: 'probe' });
  });
});
