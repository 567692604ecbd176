import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { PendingMessage } from '../relay/ledger.ts';
import { gathered } from './gathered.ts';

const row = (id: number): PendingMessage => ({ id, messageId: `m${id}`, subject: 's', body: '{}' });
let offered: [string, number[]][] = [];
let offer: ReturnType<typeof gathered>;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  offered = [];
  offer = gathered((stream, rows) => offered.push([stream, rows.map(({ id }) => id)]));
});
afterEach(() => {
  vi.useRealTimers();
});

it('offers what comes within 20 ms together, each stream its own, in order', () => {
  offer('A', [row(1)]);
  offer('B', [row(2)]);
  vi.advanceTimersByTime(19);
  offer('A', [row(3), row(4)]);
  expect(offered).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(offered).toEqual([['A', [1, 3, 4]], ['B', [2]]]);
  offer('A', [row(5)]);
  vi.advanceTimersByTime(20);
  expect(offered.at(-1)).toEqual(['A', [5]]);
});

it('waits for nobody when there is enough', () => {
  const ids = Array.from({ length: 256 }, (_, index) => index);
  offer('A', ids.map(row));
  expect(offered).toEqual([['A', ids]]);
  vi.advanceTimersByTime(1000);
  expect(offered).toHaveLength(1);
});
