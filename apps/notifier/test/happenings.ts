import { SchedulingData, type SchedulingTransition } from '@schoolbell/contracts';
import { parseInstant } from '@schoolbell/time';
import type { Notice, NoticeKind, ReaderRole } from '../src/notices/notice.ts';

/** What happens in scheduling, for tests: a package of Tom (teacher, New York), Anna (student) and Paul (partner). */
export const OLD = '2026-11-25T13:30:00.000Z';
export const NEW = '2026-11-27T09:00:00.000Z';
export const AT = '2026-11-23T08:00:00.000Z';
export const LIMIT = '2026-12-20T23:00:00.000Z';
export const REQUEST = '5b1f6f0e-7f0c-4f0e-9f63-0f7f4d0f3a01';

type Data = (typeof SchedulingData)['_input'];
type LessonInput = Data['lessons'][number];

const answerBy = '2026-11-27T08:50:00.000Z';
export const lesson = (changes: Partial<LessonInput> = {}): LessonInput => ({ lessonId: 'l1', status: 'scheduled', oldStart: OLD, ...changes });
export const offered = (changes: Partial<LessonInput> = {}): LessonInput => lesson({ status: 'offered', newStart: NEW, answerBy, limitAt: LIMIT, ...changes });
export const awaiting = (changes: Partial<LessonInput> = {}): LessonInput => lesson({ status: 'awaiting', limitAt: LIMIT, ...changes });

export const data = (changes: Partial<Data> = {}): SchedulingData => SchedulingData.parse({
  at: AT, packageId: 'p1', packageKind: 'individual', packageZone: 'Europe/Berlin', by: { id: 'anna', role: 'student' },
  people: [
    { id: 'tom', role: 'teacher', zone: 'America/New_York', locale: 'en' },
    { id: 'anna', role: 'student', zone: 'Europe/Berlin', locale: 'en' },
    { id: 'paul', role: 'partner', zone: 'Europe/Berlin', locale: 'ru' },
  ],
  lessons: [], ...changes,
});

const request = { requestId: REQUEST, requestVersion: 1, requestOrigin: 'people', offer: 1, offeredBy: { id: 'anna', role: 'student' } } as const;
const system = { by: { id: 'system', role: 'system' } } as const;
const byManager = { by: { id: 'mia', role: 'manager' } } as const;
const managers = [{ id: 'mia', role: 'manager', zone: 'Europe/London', locale: 'en' }] as const;

interface Sample {
  readonly transition: SchedulingTransition;
  readonly changes: Partial<Data>;
}

/** One event of every kind of notice. */
export const SAMPLES: Readonly<Record<NoticeKind, Sample>> = {
  asked: { transition: 'move.requested', changes: { ...request, waitingFor: ['tom'], lessons: [offered()], reminderIncluded: true } },
  proposed: { transition: 'move.proposed', changes: { ...request, waitingFor: ['tom'], lessons: [offered()] } },
  countered: {
    transition: 'move.countered',
    changes: {
      ...request, requestVersion: 2, offer: 2, by: { id: 'tom', role: 'teacher' }, waitingFor: ['anna', 'paul'],
      lessons: [offered(), offered({ lessonId: 'l2', oldStart: '2026-12-02T13:30:00.000Z', newStart: '2026-12-04T09:00:00.000Z', answerBy: '2026-12-04T08:50:00.000Z' })],
      leftOut: [{ lessonId: 'l3', codes: ['teacher-busy'] }],
    },
  },
  agreed: { transition: 'move.agreed', changes: { ...request, by: { id: 'tom', role: 'teacher' }, waitingFor: ['paul'], lessons: [offered()] } },
  approved: { transition: 'move.approved', changes: { ...request, requestVersion: 2, by: { id: 'tom', role: 'teacher' }, lessons: [lesson({ newStart: NEW })] } },
  declined: {
    transition: 'move.declined',
    changes: { ...request, requestVersion: 2, by: { id: 'tom', role: 'teacher' }, reason: 'I am away', lessons: [lesson({ newStart: NEW }), awaiting({ lessonId: 'l2', reason: 'original-slot-held' })] },
  },
  withdrawn: { transition: 'move.withdrawn', changes: { ...request, requestVersion: 2, lessons: [awaiting({ newStart: NEW, reason: 'too-late-to-return' })] } },
  expired: { transition: 'move.expired', changes: { ...request, ...system, requestVersion: 2, waitingFor: ['tom'], lessons: [awaiting({ newStart: NEW, restorableUntil: '2026-11-25T13:20:00.000Z' })] } },
  closed: { transition: 'move.closed', changes: { ...request, ...system, reason: 'teacher-replaced', lessons: [lesson({ newStart: NEW })] } },
  reminded: { transition: 'move.reminded', changes: { ...request, ...system, waitingFor: ['tom'], lessons: [offered()] } },
  unfinished: { transition: 'move.unfinished', changes: { ...system, requestId: REQUEST, lessons: [awaiting()] } },
  detached: { transition: 'lesson.detached', changes: { ...request, ...system, waitingFor: ['tom'], lessons: [awaiting({ newStart: NEW })] } },
  restored: { transition: 'lesson.restored', changes: { requestId: REQUEST, lessons: [lesson()] } },
  'followed-up': { transition: 'lesson.followed-up', changes: { ...system, lessons: [awaiting()] } },
  'limit-neared': { transition: 'lesson.limit-neared', changes: { ...system, lessons: [awaiting()] } },
  lapsed: { transition: 'lesson.lapsed', changes: { ...system, managers: [...managers], lessons: [lesson({ status: 'lapsed', next: { at: LIMIT, kind: 'ask-manager' } })] } },
  'manager-asked': { transition: 'lesson.manager-asked', changes: { ...system, managers: [...managers], lessons: [lesson({ status: 'lapsed', next: { at: LIMIT, kind: 'ask-manager' } })] } },
  'time-set': { transition: 'lesson.set', changes: { ...byManager, managers: [...managers], lessons: [lesson({ newStart: NEW })] } },
  'limit-extended': { transition: 'lesson.limit-extended', changes: { ...byManager, managers: [...managers], lessons: [awaiting()] } },
  'zone-rules-asked': { transition: 'move.requested', changes: { ...request, ...system, requestOrigin: 'tz-database', reason: 'tz-database', offeredBy: system.by, waitingFor: ['tom', 'anna', 'paul'], lessons: [offered({ newStart: '2026-11-25T12:30:00.000Z', answerBy: '2026-11-25T12:20:00.000Z' })] } },
  'zone-rules-moved-offer': { transition: 'move.rederived', changes: { ...request, ...system, lessons: [offered({ oldStart: NEW, newStart: '2026-11-27T08:00:00.000Z' })] } },
  'zone-rules-moved': { transition: 'lesson.rederived', changes: { ...system, lessons: [lesson({ newStart: '2026-11-25T12:30:00.000Z' })] } },
  'zone-rules-kept': { transition: 'lesson.instant-kept', changes: { ...system, lessons: [lesson({ newStart: '2026-11-25T12:30:00.000Z' })] } },
  uncovered: { transition: 'lesson.uncovered', changes: { ...byManager, managers: [...managers], lessons: [lesson(), lesson({ lessonId: 'l2', oldStart: '2026-12-02T13:30:00.000Z' })] } },
  missed: { transition: 'lesson.missed', changes: { by: { id: 'tom', role: 'teacher' }, absent: [{ id: 'anna', role: 'student', reportedBy: { id: 'tom', role: 'teacher' } }], lessons: [lesson({ status: 'missed' })] } },
  cancelled: { transition: 'lesson.cancelled', changes: { by: { id: 'tom', role: 'teacher' }, reason: 'ill', lessons: [lesson({ status: 'cancelled' })] } },
  sold: { transition: 'package.sold', changes: { ...byManager, lessons: [lesson(), lesson({ lessonId: 'l2', oldStart: '2026-12-02T13:30:00.000Z' })] } },
  'seat-joined': { transition: 'package.seat-joined', changes: { ...byManager, packageKind: 'group', reason: 'anna' } },
  'seat-left': { transition: 'package.seat-left', changes: { ...byManager, packageKind: 'group', reason: 'anna' } },
  'too-small': { transition: 'package.too-small', changes: { ...system, packageKind: 'group', managers: [...managers] } },
  'size-accepted': { transition: 'package.size-accepted', changes: { ...byManager, packageKind: 'group', managers: [...managers] } },
  'teacher-replaced': { transition: 'package.teacher-replaced', changes: { ...byManager, reason: 'tim', former: [{ id: 'tim', role: 'teacher', zone: 'Europe/Berlin', locale: 'en' }], lessons: [lesson()] } },
  'part-done': { transition: 'package.part-done', changes: { ...system, packageKind: 'assessment', reason: 'test' } },
  'package-completed': { transition: 'package.completed', changes: { ...system, packageKind: 'assessment' } },
  suspended: { transition: 'lesson.suspended', changes: { ...system, lessons: [awaiting()] } },
  'package-frozen': { transition: 'package.frozen', changes: { ...byManager, lessons: [lesson()] } },
  'package-resumed': { transition: 'package.resumed', changes: { ...byManager, lessons: [lesson()] } },
  'package-cancelled': { transition: 'package.cancelled', changes: { ...byManager, lessons: [lesson({ status: 'cancelled' })] } },
};

/** A notice of a kind, as somebody reads it. */
export function noticeOf(kind: NoticeKind, reader: { id?: string; role?: ReaderRole; zone?: string; locale?: string } = {}, more: Partial<Notice> & { changes?: Partial<Data> } = {}): Notice {
  const { transition, changes } = SAMPLES[kind];
  const { changes: further = {}, ...rest } = more;
  return {
    id: '1', eventId: 'e1', transition, readerId: reader.id ?? 'tom', role: reader.role ?? 'teacher', zone: reader.zone ?? 'America/New_York',
    locale: reader.locale ?? 'en', data: data({ ...changes, ...further }), createdAtMs: parseInstant(AT), overtaken: false, ...rest,
  };
}

export const NAMES: Readonly<Record<string, string>> = { tom: 'Tom', anna: 'Anna', paul: 'Paul', mia: 'Mia', tim: 'Tim' };
export const names = (id: string): string | undefined => NAMES[id];
