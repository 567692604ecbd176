import { schedulingEvent, schedulingStream, type SchedulingData, type SchedulingTransition } from '@schoolbell/contracts';
import { createMessaging, type Messaging } from '@schoolbell/messaging';
import { createDatabase, createHealth, createLogger, createMetrics } from '@schoolbell/service-kit';
import { waitFor } from '@schoolbell/testing';
import { formatInstant, systemClock, type Clock } from '@schoolbell/time';

const HOUR_MS = 3_600_000;
export const REQUEST = '11111111-1111-4111-8111-111111111111';
export const LESSON = '22222222-2222-4222-8222-222222222222';

type Person = SchedulingData['people'][number];
export const tom: Person = { id: 'tom', role: 'teacher', zone: 'Asia/Kathmandu', locale: 'en' };
export const anna: Person = { id: 'anna', role: 'student', zone: 'Europe/Berlin', locale: 'en' };
export const pavel: Person = { id: 'pavel', role: 'partner', zone: 'Asia/Almaty', locale: 'ru-KZ' };

/** A lesson in two days, which Tom asks to move by a day; Anna or Pavel can answer. */
export function asked(nowMs: number, changes: Partial<SchedulingData> = {}, lesson: Partial<SchedulingData['lessons'][number]> = {}): SchedulingData {
  const old = Math.ceil(nowMs / HOUR_MS) * HOUR_MS + 48 * HOUR_MS;
  const next = old + 24 * HOUR_MS;
  return {
    at: formatInstant(nowMs), packageId: 'p1', packageKind: 'individual', packageZone: 'Europe/Berlin', by: { id: 'tom', role: 'teacher' },
    requestId: REQUEST, requestVersion: 1, requestOrigin: 'people', offer: 1, offeredBy: { id: 'tom', role: 'teacher' },
    waitingFor: ['anna', 'pavel'], people: [tom, anna, pavel], managers: [], former: [], leftOut: [],
    lessons: [{
      lessonId: LESSON, status: 'offered', oldStart: formatInstant(old), newStart: formatInstant(next),
      next: { at: formatInstant(old - HOUR_MS), kind: 'remind' }, answerBy: formatInstant(next - 600_000), limitAt: formatInstant(next + 60 * 24 * HOUR_MS),
      calendar: { start: formatInstant(old), end: formatInstant(old + HOUR_MS), sequence: 1, status: 'TENTATIVE' }, ...lesson,
    }],
    ...changes,
  };
}

/** The scheduling service as far as the notifier hears of it: its outbox, its stream, and its answers. */
export interface Timetable {
  readonly messaging: Messaging;
  tell(...events: readonly (readonly [SchedulingTransition, SchedulingData])[]): Promise<void>;
  stop(): Promise<void>;
}

export function startTimetable(options: { databaseUrl: string; natsUrl: string; clock?: Clock }): Timetable {
  const { databaseUrl, natsUrl, clock = systemClock } = options;
  const log = createLogger({ service: 'scheduling', level: 'silent' });
  const metrics = createMetrics('scheduling');
  const db = createDatabase({ url: databaseUrl, schema: 'scheduling', log, metrics });
  const messaging = createMessaging({
    service: 'scheduling', databaseUrl, natsUrl, db, streams: [{ definition: schedulingStream }], clock, log, metrics, health: createHealth(),
  });
  messaging.start();
  return {
    messaging,
    async tell(...events) {
      await waitFor('the events are committed', async () => {
        await db.transaction((tx) => messaging.outbox.append(tx, events.map(([transition, data]) => ({ definition: schedulingEvent(transition), data, subject: data.requestId }))));
        return true;
      });
    },
    async stop() {
      await messaging.stop();
      await db.close();
    },
  };
}
