import { addToDate, startOfDate, type CalendarDate, type Interval } from '@schoolbell/time/zones';

/** A teacher's contract as it is written: calendar days in its own zone, both included; open-ended without a last day. */
export interface TeacherContract {
  readonly id: string;
  readonly teacherId: string;
  readonly zone: string;
  readonly firstDay: CalendarDate;
  readonly lastDay?: CalendarDate;
}

/** An open-ended contract counts until here: no lesson is planned later. */
export const OPEN_END = Date.UTC(2200, 0, 1);

/** From the first local midnight to the one after the last day. */
export const contractInterval = ({ zone, firstDay, lastDay }: Pick<TeacherContract, 'zone' | 'firstDay' | 'lastDay'>): Interval => ({
  start: startOfDate(firstDay, zone),
  end: lastDay === undefined ? OPEN_END : startOfDate(addToDate(lastDay, { days: 1 }), zone),
});

/** Times under contract: renewed contracts that touch or overlap are one, so a lesson may lie across the seam. */
export function joinContracts(intervals: readonly Interval[]): Interval[] {
  const joined: Interval[] = [];
  for (const next of intervals.toSorted((one, other) => one.start - other.start)) {
    const last = joined.at(-1);
    if (last !== undefined && next.start <= last.end) {
      joined[joined.length - 1] = { start: last.start, end: Math.max(last.end, next.end) };
    } else if (next.start < next.end) {
      joined.push(next);
    }
  }
  return joined;
}
