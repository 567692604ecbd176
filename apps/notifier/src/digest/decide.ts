import { addCalendar, resolveWall, toLocal, wallOf, type CalendarDate, type TimeOfDay } from '@schoolbell/time/zones';

/** A digest that should have been told: its day, and what it looks back on. */
export interface DueDigest {
  readonly day: CalendarDate;
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** The digest of today, if its time has come: it looks back to the same time of the day before, also when clocks change. */
export function dueDigest({ at, zone }: { readonly at: TimeOfDay; readonly zone: string }, nowMs: number): DueDigest | undefined {
  const day = toLocal(nowMs, zone).date;
  const untilMs = resolveWall(wallOf(day, at), zone).instant;
  if (nowMs < untilMs) return undefined;
  return { day, untilMs, sinceMs: addCalendar(untilMs, zone, { days: -1 }).instant };
}
