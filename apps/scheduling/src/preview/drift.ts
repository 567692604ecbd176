import { toLocal, type Weekday } from '@schoolbell/time/zones';

/** A lesson time as one person's clock shows it. */
export interface ClockTime {
  readonly weekday: Weekday;
  readonly time: string;
}

/** Lessons at which somebody's clock shows another time than usual: the clocks of two zones change on different days. */
export interface Drift {
  readonly usual: ClockTime;
  readonly lessons: readonly ({ readonly lessonId: string } & ClockTime)[];
}

/** The usual time is the most frequent, the earlier one of two; undefined when it never drifts. */
export function driftOf(starts: readonly { readonly lessonId: string; readonly start: number }[], zone: string): Drift | undefined {
  const shown = starts.map(({ lessonId, start }) => {
    const { weekday, time } = toLocal(start, zone);
    return { lessonId, weekday, time };
  });
  const groups = [...Map.groupBy(shown, ({ weekday, time }) => `${weekday} ${time}`).values()];
  const usual = groups.reduce((most, group) => (group.length > most.length ? group : most), groups[0] ?? [])[0];
  if (usual === undefined || groups.length === 1) return undefined;
  const lessons = shown.filter(({ weekday, time }) => weekday !== usual.weekday || time !== usual.time);
  return { usual: { weekday: usual.weekday, time: usual.time }, lessons };
}
