import type { SchedulingData, SchedulingTransition } from '@schoolbell/contracts';
import { parseInstant } from '@schoolbell/time';
import type { NoticeKind, ReaderRole } from './notice.ts';

/** Who hears of which transition, and as what. Pure: people see what this says and nothing else. */

/** An event of scheduling as it was received. */
export interface Happening {
  readonly eventId: string;
  readonly transition: SchedulingTransition;
  readonly data: SchedulingData;
}

export interface Reader {
  readonly id: string;
  readonly role: ReaderRole;
  readonly zone: string;
  readonly locale: string;
  /** Who did it knows it: kept in the inbox as read. */
  readonly own: boolean;
}

export interface Telling extends Happening {
  /** Nobody: the event is remembered, and no one hears of it. */
  readonly readers: readonly Reader[];
}

interface Rule {
  readonly kind: NoticeKind;
  readonly to: 'everybody' | 'everybody-and-managers' | 'managers' | 'partners-and-managers';
}
const everybody = (kind: NoticeKind): Rule => ({ kind, to: 'everybody' });

const RULES: Readonly<Record<SchedulingTransition, Rule | undefined>> = {
  'move.requested': everybody('asked'),
  'move.proposed': everybody('proposed'),
  'move.countered': everybody('countered'),
  'move.agreed': everybody('agreed'),
  'move.approved': everybody('approved'),
  'move.declined': everybody('declined'),
  'move.withdrawn': everybody('withdrawn'),
  'move.expired': everybody('expired'),
  'move.closed': everybody('closed'),
  'move.reminded': everybody('reminded'),
  'move.unfinished': everybody('unfinished'),
  'move.rederived': everybody('zone-rules-moved-offer'),
  'lesson.detached': everybody('detached'),
  'lesson.restored': everybody('restored'),
  'lesson.followed-up': everybody('followed-up'),
  'lesson.limit-neared': everybody('limit-neared'),
  'lesson.lapsed': { kind: 'lapsed', to: 'everybody-and-managers' },
  'lesson.manager-asked': { kind: 'manager-asked', to: 'managers' },
  'lesson.set': { kind: 'time-set', to: 'everybody-and-managers' },
  'lesson.limit-extended': { kind: 'limit-extended', to: 'everybody-and-managers' },
  'lesson.rederived': everybody('zone-rules-moved'),
  'lesson.instant-kept': everybody('zone-rules-kept'),
  'lesson.uncovered': { kind: 'uncovered', to: 'everybody-and-managers' },
  // A lesson that was held as agreed is no news.
  'lesson.completed': undefined,
  'lesson.missed': everybody('missed'),
  'lesson.cancelled': everybody('cancelled'),
  'lesson.suspended': everybody('suspended'),
  'package.sold': everybody('sold'),
  'package.seat-joined': everybody('seat-joined'),
  'package.seat-left': everybody('seat-left'),
  'package.too-small': { kind: 'too-small', to: 'partners-and-managers' },
  'package.size-accepted': { kind: 'size-accepted', to: 'partners-and-managers' },
  'package.teacher-replaced': everybody('teacher-replaced'),
  'package.part-done': everybody('part-done'),
  'package.completed': everybody('package-completed'),
  'package.frozen': everybody('package-frozen'),
  'package.resumed': everybody('package-resumed'),
  'package.cancelled': everybody('package-cancelled'),
};

/** As what a transition is told; undefined when nobody hears of it. */
export function noticeKind(transition: SchedulingTransition, { requestOrigin, reason }: SchedulingData): NoticeKind | undefined {
  if (transition === 'move.requested' && (requestOrigin === 'tz-database' || reason === 'tz-database')) return 'zone-rules-asked';
  // The question that goes with it says everything.
  if (transition === 'lesson.instant-kept' && requestOrigin === 'tz-database') return undefined;
  return RULES[transition]?.kind;
}

/**
 * Has this release words for it? A newer one beside it, or before it was rolled back, may have told what is unknown
 * here: that is left out wherever it would be shown or sent, and waits for the newer one.
 */
export const hasWords = ({ transition, data }: Pick<Happening, 'transition' | 'data'>): boolean => noticeKind(transition, data) !== undefined;

/** What this release tells at all. */
export const TOLD_TRANSITIONS: readonly string[] = Object.keys(RULES).filter((transition) => RULES[transition as SchedulingTransition] !== undefined);

/** Those who hear of an event. Whoever has several roles hears once, in the first. */
export function readersOf({ transition, data }: Happening): Reader[] {
  if (noticeKind(transition, data) === undefined) return [];
  const to = RULES[transition]?.to;
  const partners = data.people.filter(({ role }) => role === 'partner');
  const audience = {
    everybody: [...data.people, ...data.former],
    'everybody-and-managers': [...data.people, ...data.former, ...data.managers],
    managers: data.managers,
    'partners-and-managers': [...partners, ...data.managers],
  };
  const readers = new Map<string, Reader>();
  for (const person of to === undefined ? [] : audience[to]) {
    if (!readers.has(person.id)) readers.set(person.id, { ...person, own: person.id === data.by.id });
  }
  return [...readers.values()];
}

/**
 * What a batch of events is to tell. A reminder that comes so late that the same batch knows how the offer went on, or
 * that its last deadline is past, is part of that later notice: nobody is told to hurry when it is over.
 */
export function decide(batch: readonly Happening[], nowMs: number): Telling[] {
  return batch.map((happening) => ({ ...happening, readers: isOvertakenReminder(happening, batch, nowMs) ? [] : readersOf(happening) }));
}

export const REMINDER: SchedulingTransition = 'move.reminded';

function isOvertakenReminder(happening: Happening, batch: readonly Happening[], nowMs: number): boolean {
  if (happening.transition !== REMINDER) return false;
  const { requestId, requestVersion = 0 } = happening.data;
  const answerBy = happening.data.lessons.flatMap((lesson) => (lesson.answerBy === undefined ? [] : [parseInstant(lesson.answerBy)]));
  if (answerBy.length > 0 && Math.max(...answerBy) <= nowMs) return true;
  return batch.some(({ data }) => data.requestId === requestId && requestId !== undefined && (data.requestVersion ?? 0) > requestVersion);
}
