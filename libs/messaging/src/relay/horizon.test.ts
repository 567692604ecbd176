import { describe, expect, it } from 'vitest';
import { NO_HORIZON, nextHorizon, SETTLED_AFTER_MS, type Horizon } from './horizon.ts';

const seen = (xmin: number, xmax: number, highest: number, lowestPending?: number, nowMs = 0, day = '2026-11-21') => ({
  snapshot: { xmin: BigInt(xmin), xmax: BigInt(xmax), day, highest },
  lowestPending,
  nowMs,
});

describe('nextHorizon', () => {
  const waiting: Horizon = nextHorizon(NO_HORIZON, seen(90, 100, 7));

  it('knows nothing after one look', () => expect(waiting.settled).toBeUndefined());

  it('settles an id when everything that ran when it was seen has ended', () => {
    expect(nextHorizon(waiting, seen(99, 120, 9)).settled).toBeUndefined();
    expect(nextHorizon(waiting, seen(100, 120, 9)).settled?.id).toBe(7);
  });

  it('does not settle what has just appeared below it and is pending itself', () => {
    expect(nextHorizon(waiting, seen(100, 120, 9, 7)).settled).toBeUndefined();
    expect(nextHorizon(waiting, seen(100, 120, 9, 8)).settled?.id).toBe(7);
  });

  it('goes on from what was given meanwhile', () => {
    const settled = nextHorizon(waiting, seen(100, 120, 9));
    expect(nextHorizon(settled, seen(119, 130, 12)).settled?.id).toBe(7);
    expect(nextHorizon(settled, seen(120, 130, 12)).settled?.id).toBe(9);
  });

  it('keeps the day of an id that stays the highest: what waits above it may be as old', () => {
    const stuck = nextHorizon(waiting, seen(100, 120, 7, 8, 0, '2026-11-25'));
    const later = nextHorizon(stuck, seen(120, 130, 12, undefined, 0, '2026-11-26'));
    expect(later.settled).toEqual({ id: 7, day: '2026-11-21' });
    expect(nextHorizon(later, seen(130, 140, 13, undefined, 0, '2026-11-27')).settled).toEqual({ id: 12, day: '2026-11-26' });
  });

  it('never falls', () => {
    const far: Horizon = { settled: { id: 50, day: '2026-11-21' }, candidate: { id: 7, xmax: 100n, day: '2026-11-21', sinceMs: 0 } };
    expect(nextHorizon(far, seen(100, 120, 60)).settled?.id).toBe(50);
  });

  it('waits for a foreign transaction no longer than one of its own could last', () => {
    expect(nextHorizon(waiting, seen(5, 120, 9, undefined, SETTLED_AFTER_MS - 1)).settled).toBeUndefined();
    expect(nextHorizon(waiting, seen(5, 120, 9, undefined, SETTLED_AFTER_MS)).settled?.id).toBe(7);
  });
});
