import type { SchedulingData } from '@schoolbell/contracts';
import type { Tx } from '@schoolbell/service-kit';
import { formatInstant, MOVE_LEAD_MS } from '@schoolbell/time';
import { calendarStatus } from '../moves/decide.ts';
import { expiryOf } from '../moves/next-action.ts';
import { endOf, itemOf, limitOf, type Facts, type Lesson, type MoveRequest } from '../moves/state.ts';
import { lessonsById, readRequests } from './scenes.ts';
import type { Told } from './perform.ts';

/** How lessons and requests stand after the effect: what a notice shows beside what happened. */
export interface Standing {
  lesson(id: string, facts: Pick<Facts, 'limit' | 'contracts'>): Partial<SchedulingData['lessons'][number]>;
  request(id: string | undefined, offer: number | undefined): Partial<SchedulingData>;
}

export async function readStanding(tx: Tx, told: readonly Told[]): Promise<Standing> {
  const events = told.flatMap((one) => one.events);
  const lessons = new Map(told.flatMap(({ scene }) => scene?.lessons ?? []).map((lesson) => [lesson.id, lesson]));
  const requests = new Map(told.flatMap(({ scene }) => scene?.requests ?? []).map((request) => [request.id, request]));
  // What no decision has in hand is read: its row is written by now.
  const lessonIds = new Set(events.flatMap((event) => event.lessons.map(({ lessonId }) => lessonId)).filter((id) => !lessons.has(id)));
  const requestIds = new Set(events.flatMap(({ requestId }) => requestId ?? []).filter((id) => !requests.has(id)));
  const [lessonRows, requestRows] = await Promise.all([
    lessonIds.size === 0 ? [] : lessonsById(tx, [...lessonIds]), requestIds.size === 0 ? [] : readRequests(tx, [...requestIds]),
  ]);
  for (const lesson of lessonRows) lessons.set(lesson.id, lesson);
  for (const request of requestRows) requests.set(request.id, request);
  return {
    lesson(id, facts) {
      const lesson = lessons.get(id);
      if (lesson === undefined) return {};
      return { calendar: shownOf(lesson), ...deadlinesOf(lesson, requests.get(lesson.requestId ?? ''), facts) };
    },
    request(id, offer) {
      const request = requests.get(id ?? '');
      if (request === undefined) return {};
      const made = request.offers.find(({ number }) => number === offer);
      return { requestVersion: request.version, requestOrigin: request.origin, ...(made === undefined ? {} : { offeredBy: made.by }) };
    },
  };
}

const shownOf = (lesson: Lesson) => ({
  start: formatInstant(lesson.start), end: formatInstant(endOf(lesson)), sequence: lesson.sequence, status: calendarStatus(lesson),
});

function deadlinesOf(lesson: Lesson, request: MoveRequest | undefined, facts: Pick<Facts, 'limit' | 'contracts'>) {
  const item = itemOf(request, lesson.id);
  const open = request !== undefined && item !== undefined;
  const limited = lesson.status === 'awaiting' || (open && request.origin === 'people');
  const returns = lesson.status === 'awaiting' && lesson.holdsOriginal;
  return {
    ...(open ? { answerBy: formatInstant(expiryOf(request, lesson, item)) } : {}),
    ...(limited ? { limitAt: formatInstant(limitOf(lesson, facts)) } : {}),
    ...(returns ? { restorableUntil: formatInstant(lesson.start - MOVE_LEAD_MS) } : {}),
  };
}
