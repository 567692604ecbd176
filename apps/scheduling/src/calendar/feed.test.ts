import { expect, it } from 'vitest';
import { DAY, HOUR, lesson, O } from '../../test/scene.ts';
import type { Timetable, TimetableLesson } from '../lessons/query.ts';
import { FEED_MAX, feedOf } from './feed.ts';
import { calendar } from './ics.ts';

/** A timetable with a lesson every hour in `from <= t < to`. */
const hourly = (from: number, to: number): Pick<Timetable, 'ofParticipant'> => ({
  async ofParticipant(_id, range, { limit }) {
    const first = Math.max(from, range.from);
    const count = Math.max(0, Math.min(limit, Math.ceil((Math.min(to, range.to) - first) / HOUR)));
    return Array.from({ length: count }, (_, index) => ({ lesson: lesson({ id: `l${index}`, start: first + index * HOUR }) }) as unknown as TimetableLesson);
  },
});
const read = async (from: number, to: number) => {
  const feed = await feedOf(hourly(from, to), 'paul', O);
  const text = calendar(feed, O);
  return { ...feed, first: feed.lessons[0]?.start, events: text.match(/BEGIN:VEVENT/g)?.length, says: text.includes('are not shown') };
};

it('a feed shows two months back and more than a year ahead', async () => {
  expect(await read(O - 10 * DAY, O + 10 * DAY)).toMatchObject({ events: 20 * 24, isCut: false, says: false, first: O - 10 * DAY });
});

it('what is ahead comes first, and a feed that is cut says so', async () => {
  const full = await read(O - 100 * DAY, O + 500 * DAY);
  expect(full).toMatchObject({ isCut: true, says: true, events: 59 * 24 + FEED_MAX + 1, first: O - 60 * DAY });
  expect(full.lessons.at(-1)?.start).toBe(O - DAY + (FEED_MAX - 1) * HOUR);
});

it('where it is cut has a sequence that rises, also when the cut comes nearer', async () => {
  const feed = await feedOf(hourly(O - 100 * DAY, O + 500 * DAY), 'paul', O);
  const sequence = (nearer: number, now: number) =>
    Number(calendar({ ...feed, lessons: feed.lessons.slice(0, feed.lessons.length - nearer) }, now).match(/SEQUENCE:(\d+)/g)?.at(-1)?.slice('SEQUENCE:'.length));
  expect(sequence(48, O + HOUR)).toBeGreaterThan(sequence(0, O));
});
