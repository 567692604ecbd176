import type { SchedulingData } from '@schoolbell/contracts';
import type { Tx } from '@schoolbell/service-kit';
import { formatInstant, MOVE_LEAD_MS } from '@schoolbell/time';
import { calendarStatus } from '../moves/decide.ts';
import { expiryOf } from '../moves/next-action.ts';
import { endOf, itemOf, limitOf, type Facts, type Lesson, type MoveRequest } from '../moves/state.ts';
import { lessonsById, readRequests } from './scenes.ts';
import type { Told } from './perform.ts';

/** How lessons and requests stand after the effect, as their rows say: what a notice shows beside what happened. */
export interface Standing {
  lesson(id: string, facts: Pick<Facts, 'limit' | 'contracts'>): Partial<SchedulingData['lessons'][number]>;
  request(id: string | undefined, offer: number | undefined): Partial<SchedulingData>;
}

export async function readStanding(tx: Tx, told: readonly Told[]): Promise<Standing> {
  const events = told.flatMap((one) => one.events);
  const lessonIds = [...new Set(events.flatMap((event) => event.lessons.map(({ lessonId }) => lessonId)))];
  const requestIds = [...new Set(events.flatMap(({ requestId }) => requestId ?? []))];
  const [lessonRows, requestRows] = await Promise.all([
    lessonIds.length === 0 ? [] : lessonsById(tx, lessonIds), requestIds.length === 0 ? [] : readRequests(tx, requestIds),
  ]);
  const lessons = new Map(lessonRows.map((lesson) => [lesson.id, lesson]));
  const requests = new Map(requestRows.map((request) => [request.id, request]));
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
