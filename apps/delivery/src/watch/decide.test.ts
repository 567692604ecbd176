import { describe, expect, it } from 'vitest';
import { CUTOVER_REASON } from '../destination/store.ts';
import { isLate } from './decide.ts';

const now = 10_000_000;
const MINUTE_MS = 60_000;
const active = { state: 'active' as const, stateReason: 'configured', oldestSince: now - 15 * MINUTE_MS };

describe('isLate', () => {
  it('is late after the minutes of the configuration, not at them', () => {
    expect(isLate(active, 15, now)).toBe(false);
    expect(isLate(active, 15, now + 1)).toBe(true);
    expect(isLate({ ...active, oldestSince: null }, 15, now + 1)).toBe(false);
  });
  it('tells of a forgotten pause, not of a cutover or a disabled destination', () => {
    const old = { ...active, oldestSince: 0 };
    expect(isLate({ ...old, state: 'paused', stateReason: 'paused by ops' }, 15, now)).toBe(true);
    expect(isLate({ ...old, state: 'paused', stateReason: CUTOVER_REASON }, 15, now)).toBe(false);
    expect(isLate({ ...old, state: 'disabled' }, 15, now)).toBe(false);
  });
});
