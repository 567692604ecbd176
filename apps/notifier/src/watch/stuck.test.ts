import type { Lag } from '@schoolbell/messaging';
import { describe, expect, it } from 'vitest';
import { follow } from './stuck.ts';

const lag = (waiting: number | undefined, confirmed: number | undefined): Lag[] => [{ name: 'd', kind: 'consumer', waiting, confirmed }];

describe('follow', () => {
  it('counts from the first look that saw something wait and nothing confirmed since', () => {
    const first = follow(new Map(), lag(5, 10), 1_000);
    expect(follow(first, lag(9, 10), 2_000).get('d')?.sinceMs).toBe(1_000);
    expect(follow(first, lag(9, 11), 2_000).get('d')?.sinceMs).toBe(2_000);
    expect(follow(first, lag(0, 10), 2_000).size).toBe(0);
  });
  it('keeps what it knew while NATS does not say', () => {
    const first = follow(new Map(), lag(5, 10), 1_000);
    expect(follow(first, lag(undefined, undefined), 2_000)).toEqual(first);
    expect(follow(new Map(), lag(undefined, undefined), 2_000).size).toBe(0);
  });
});
