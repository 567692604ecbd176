import type { SeenLesson, Timetable } from '../lessons/query.ts';

/** Which lessons a calendar feed shows around now: those ahead come first, and where they are too many the feed says so. */

const DAY_MS = 86_400_000;
const BACK_MS = 60 * DAY_MS;
const AHEAD_MS = 400 * DAY_MS;
/** Lessons of one feed, before and ahead each: the partner of a whole school has more. */
export const FEED_MAX = 2000;

export interface Feed {
  readonly lessons: readonly SeenLesson[];
  /** There are more ahead. */
  readonly isCut: boolean;
}

/** The past is shown if it fits as a whole: a part of it would be the oldest. */
export async function feedOf(timetable: Pick<Timetable, 'ofParticipant'>, personId: string, now: number): Promise<Feed> {
  const today = now - DAY_MS;
  const [before, ahead] = await Promise.all([
    timetable.ofParticipant(personId, { from: now - BACK_MS, to: today }, { limit: FEED_MAX + 1 }),
    timetable.ofParticipant(personId, { from: today, to: now + AHEAD_MS }, { limit: FEED_MAX + 1 }),
  ]);
  const shown = [...(before.length > FEED_MAX ? [] : before), ...ahead.slice(0, FEED_MAX)];
  return { lessons: shown.map(({ lesson }) => lesson), isCut: ahead.length > FEED_MAX };
}
