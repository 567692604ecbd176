import { MOVE_LEAD_MS } from '@schoolbell/time';
import { takenBesides } from './claims.ts';
import type { LessonChange, MoveEvent } from './events.ts';
import { advance, LESSON_TABLE, REQUEST_TABLE, type LessonTrigger, type RequestGuard, type RequestTrigger } from './machine.ts';
import { LIMIT_WARNING_LEAD_MS, FOLLOW_UP_EVERY_MS, nextAction } from './next-action.ts';
import { conflicts, originalIsAhead } from './rules.ts';
import {
  endOf, limitOf, openOffer, type Actor, type Facts, type Lesson, type MoveRequest, type Offer, type OfferStatus, type Scene,
} from './state.ts';

/**
 * The draft of one decision: the scene as it was, changed step by step through the tables, and the events of each step.
 * Lives for one call of `decide` and is never shared, so that `decide` stays a function of its arguments.
 */
export interface Work {
  readonly now: number;
  readonly facts: Facts;
  scene(): Scene;
  lesson(id: string): Lesson;
  request(id: string | undefined): MoveRequest | undefined;
  /** Change a lesson through the table. */
  step(id: string, on: LessonTrigger, change: Partial<Lesson>, guards?: { canReturn?: boolean; askedByDatabase?: boolean }): Lesson;
  /** Change what is remembered about a lesson, without a change of status. */
  note(id: string, change: Partial<Lesson>): Lesson;
  stepRequest(id: string, on: RequestTrigger, change: Partial<MoveRequest>, guards?: Partial<Record<RequestGuard, boolean>>): MoveRequest;
  addRequest(request: MoveRequest): void;
  emit(event: Omit<Emitted, 'at'>): void;
  /** One notice a lesson: of several that are due at once the first of `NOTICES` is told. */
  notify(lesson: Lesson, type: NoticeType): void;
  events(): MoveEvent[];
}

/** Notices that change nothing, the one that says most first. */
const NOTICES = ['move.unfinished', 'lesson.limit-neared', 'lesson.followed-up'] as const;
export type NoticeType = (typeof NOTICES)[number];

type Emitted = Omit<MoveEvent, 'lessons'> & { readonly lessons: readonly Omit<LessonChange, 'status' | 'next'>[] };

export const SYSTEM: Actor = { id: 'system', role: 'system' };

export function createWork(scene: Scene, facts: Facts, now: number): Work {
  const lessons = new Map(scene.lessons.map((lesson) => [lesson.id, lesson]));
  const requests = new Map(scene.requests.map((request) => [request.id, request]));
  const emitted: Emitted[] = [];
  const work: Work = {
    now,
    facts,
    scene: () => ({ lessons: [...lessons.values()], requests: [...requests.values()] }),
    lesson: (id) => lessons.get(id) ?? missing(`lesson ${id}`),
    request: (id) => (id === undefined ? undefined : requests.get(id)),
    step(id, on, change, guards = {}) {
      const status = advance(LESSON_TABLE, work.lesson(id).status, on, guards);
      return work.note(id, { ...change, status });
    },
    note(id, change) {
      const before = work.lesson(id);
      const after = { ...before, ...change, version: before.version + 1 };
      lessons.set(id, after);
      return after;
    },
    stepRequest(id, on, change, guards = {}) {
      const before = requests.get(id) ?? missing(`request ${id}`);
      const status = advance(REQUEST_TABLE, before.status, on, guards);
      const after = { ...before, ...change, status, version: before.version + 1 };
      requests.set(id, after);
      return after;
    },
    addRequest: (request) => void requests.set(request.id, request),
    emit: (event) => void emitted.push({ at: now, ...event }),
    notify(lesson, type) {
      const told = emitted.findIndex((event) => isNotice(event.type) && event.lessons[0]?.lessonId === lesson.id);
      const earlier = emitted[told]?.type;
      if (earlier !== undefined && NOTICES.indexOf(earlier as NoticeType) <= NOTICES.indexOf(type)) return;
      if (told >= 0) emitted.splice(told, 1);
      work.emit({ type, by: SYSTEM, requestId: lesson.requestId, lessons: [{ lessonId: lesson.id, oldStart: lesson.start }] });
    },
    // Statuses and deadlines are read at the end, so that an event tells how things stand after the whole decision.
    events: () =>
      emitted.map((event) => ({
        ...event,
        lessons: event.lessons.map((change) => {
          const lesson = work.lesson(change.lessonId);
          const next = nextAction(lesson, work.request(lesson.requestId), facts);
          return { ...change, status: lesson.status, ...(next === undefined ? {} : { next }) };
        }),
      })),
  };
  return work;
}

const isNotice = (type: MoveEvent['type']): boolean => (NOTICES as readonly string[]).includes(type);

function missing(what: string): never {
  throw new Error(`${what} is not part of this decision`);
}

/** What a lesson forgets when it has a time again. */
export const SETTLED: Partial<Lesson> = {
  requestId: undefined, holdsOriginal: false, awaitingSince: undefined, followUps: 0, remindedAt: undefined,
  unfinishedToldAt: undefined, limitWarnedAt: undefined, lapsedSince: undefined, managerReminders: 0,
};

/** What a lesson remembers when it is left without an offer; notices that would follow within this one are part of it. */
export function strandedFrom(lesson: Lesson, work: Work): Partial<Lesson> {
  const { now, facts } = work;
  const awaitingSince = lesson.awaitingSince ?? now;
  const restorable = originalIsAhead(lesson, now, MOVE_LEAD_MS);
  return {
    awaitingSince,
    // Follow-ups are counted from the beginning, or every new offer would put them off; those that fell into an offer are spent.
    followUps: Math.max(lesson.followUps, Math.floor((now - awaitingSince) / FOLLOW_UP_EVERY_MS)),
    holdsOriginal: lesson.holdsOriginal && restorable,
    ...(restorable ? {} : { unfinishedToldAt: lesson.unfinishedToldAt ?? now }),
    ...(now >= limitOf(lesson, facts) - LIMIT_WARNING_LEAD_MS ? { limitWarnedAt: lesson.limitWarnedAt ?? now } : {}),
  };
}

/** Is the old slot of a lesson free for it? It is while it is held; afterwards somebody may have taken it. */
export function originalIsFree(lesson: Lesson, work: Work): boolean {
  if (lesson.holdsOriginal) return true;
  const taken = takenBesides(work.scene(), work.facts, new Set([lesson.id]));
  return conflicts({ start: lesson.start, end: endOf(lesson) }, work.facts, taken).length === 0;
}

/** The request's thread with its open offer brought to an end. */
export function closeOffer(request: MoveRequest, status: OfferStatus): readonly Offer[] {
  const open = openOffer(request);
  return request.offers.map((offer) => (offer === open ? { ...offer, status } : offer));
}
