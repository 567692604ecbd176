import { addToDate, resolveWall, startOfDate, toLocal, type CalendarDate, type Interval, type TimeOfDay, type Weekday } from '@schoolbell/time/zones';

/** When a teacher teaches: hours of each weekday and single days off, on the clocks of the teacher's zone. */
export interface WorkingHours {
  readonly zone: string;
  /** `to` is `24:00` for midnight. A weekday without hours is free; a teacher without any hours teaches at all times. */
  readonly hours: readonly { readonly weekday: Weekday; readonly from: TimeOfDay; readonly to: TimeOfDay | '24:00' }[];
  readonly daysOff: readonly CalendarDate[];
}

/**
 * Why the teacher does not teach in a slot, or undefined. Hours are instants of their own day, so a day of 23 or 25 hours
 * is worked as the clocks show it, and hours until 24:00 join those from 00:00 of the next day.
 */
export function whyUnavailable(slot: Interval, { zone, hours, daysOff }: WorkingHours): 'outside-working-hours' | 'teacher-day-off' | undefined {
  const dates = datesOf(slot, zone);
  if (dates.some((date) => daysOff.includes(date))) return 'teacher-day-off';
  if (hours.length === 0) return undefined;
  let covered = slot.start;
  const open = [...dates].flatMap((date) => openOn(date, zone, hours)).toSorted((one, other) => one.start - other.start);
  for (const { start, end } of open) if (start <= covered) covered = Math.max(covered, end);
  return covered >= slot.end ? undefined : 'outside-working-hours';
}

function datesOf({ start, end }: Interval, zone: string): CalendarDate[] {
  const last = toLocal(end - 1, zone).date;
  const dates = [toLocal(start, zone).date];
  while ((dates.at(-1) as string) < last) dates.push(addToDate(dates.at(-1) as string, { days: 1 }));
  return dates;
}

function openOn(date: CalendarDate, zone: string, hours: WorkingHours['hours']): Interval[] {
  const { weekday } = toLocal(resolveWall(`${date}T12:00`, zone).instant, zone);
  return hours.filter((row) => row.weekday === weekday).map(({ from, to }) => ({
    start: resolveWall(`${date}T${from}`, zone).instant,
    end: to === '24:00' ? startOfDate(addToDate(date, { days: 1 }), zone) : resolveWall(`${date}T${to}`, zone, 'second').instant,
  }));
}
