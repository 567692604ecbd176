import { expect, it } from 'vitest';
import { formatInstant, parseInstant } from '@schoolbell/time';
import { draft, type Order } from './sell.ts';

/** New York's clocks go forward on 8 March 2026, Berlin's on 29 March. */
it("a trial's two weeks end at the same wall clock, in the zone in which the partner registered", () => {
  const order: Order = {
    kind: 'trial', zone: 'Europe/Berlin', teacherId: 'tom', seats: [{ studentId: 'anna', partnerId: 'paul' }], startDate: '2026-03-02', weeks: 4,
    slots: [{ weekday: 3, time: '14:30' }], minutes: 60, registeredAt: parseInstant('2026-03-02T15:00:00Z'),
  };
  const until = (more: Partial<Order>): string => formatInstant(draft({ ...order, ...more }).terms.limit);
  expect(until({})).toBe('2026-03-16T15:00:00.000Z');
  expect(until({ registeredZone: 'America/New_York' })).toBe('2026-03-16T14:00:00.000Z');
  expect(draft(order).terms.end).toBe(draft(order).terms.limit);
});
