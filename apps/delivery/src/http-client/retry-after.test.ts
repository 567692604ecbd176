import { parseInstant } from '@schoolbell/time';
import { describe, expect, it } from 'vitest';
import { parseRetryAfter, RETRY_AFTER_MAX_MS } from './retry-after.ts';

const now = parseInstant('2026-11-21T05:30:00.000Z');

describe('parseRetryAfter', () => {
  it.each([
    ['0', 0],
    ['1', 1_000],
    [' 120 ', 120_000],
    ['21600', RETRY_AFTER_MAX_MS],
    ['21601', RETRY_AFTER_MAX_MS],
    ['999999999999999', RETRY_AFTER_MAX_MS],
    ['Sat, 21 Nov 2026 05:30:30 GMT', 30_000],
    ['Sat, 21 Nov 2026 05:29:30 GMT', 0],
    ['Saturday, 21-Nov-26 05:31:00 GMT', 60_000],
    ['Sat Nov 21 05:30:05 2026', 5_000],
    ['Sun, 22 Nov 2026 05:30:00 GMT', RETRY_AFTER_MAX_MS],
  ])('reads %j as %d ms', (value, waitMs) => {
    expect(parseRetryAfter(value, now)).toBe(waitMs);
  });

  it.each([undefined, '', '   ', '-1', '1.5', '1e3', 'soon', '2026-11-21T05:31:00Z', 'Sat, 99 Foo 2026 05:30:30 GMT'])('ignores %j', (value) => {
    expect(parseRetryAfter(value, now)).toBeUndefined();
  });
});
