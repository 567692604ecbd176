import { ManualClock } from '@schoolbell/time';
import { describe, expect, it } from 'vitest';
import { createDatabaseClock } from './database-clock.ts';

describe('createDatabaseClock', () => {
  it('is the fallback until the database has told the time', () => {
    const fallback = new ManualClock(1_000);
    expect(createDatabaseClock(fallback).now()).toBe(1_000);
  });
  it('then follows the database, however wrong the machine is', () => {
    const clock = createDatabaseClock(new ManualClock(1_000));
    const nowMs = performance.now();
    clock.observe(5_000_000, nowMs - 4, nowMs);
    expect(clock.now()).toBeGreaterThanOrEqual(5_000_002);
    expect(clock.now()).toBeLessThan(5_001_000);
  });
  it('takes a slow reading only while it has no better one', () => {
    const clock = createDatabaseClock(new ManualClock(0));
    const nowMs = performance.now();
    clock.observe(1_000_000, nowMs - 3_000, nowMs);
    const before = clock.now();
    clock.observe(9_000_000, nowMs - 3_000, nowMs);
    expect(clock.now() - before).toBeLessThan(1_000);
    clock.observe(9_000_000, nowMs - 1, nowMs);
    expect(clock.now()).toBeGreaterThan(8_999_000);
  });
});
