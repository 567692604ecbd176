import { MOVE_LEAD_MS, offerTimeRefusal, type OfferTimeRefusal } from '@schoolbell/time';
import { overlaps, spanOf, type Interval } from '@schoolbell/time/zones';
import { type Busy, type Facts, type Lesson } from './state.ts';
import type { RefusalCode } from './refusals.ts';

/** Rules about one lesson and one offered start. They are asked at offer, counter and approval alike. */

const TIME_CODES: Readonly<Record<OfferTimeRefusal, RefusalCode>> = {
  IN_THE_PAST: 'offer-in-past',
  TOO_NEAR: 'offer-too-near',
  SAME_TIME: 'offer-same-time',
};

/** Rule 4: a scheduled lesson can be asked to move until ten minutes before it starts; that very instant still counts. */
export const mayStillAsk = (lesson: Pick<Lesson, 'start'>, now: number): boolean => now <= lesson.start - MOVE_LEAD_MS;

/** Every rule that a new start breaks, in the order of the rules; empty when it may be offered. */
export function breaksOf(lesson: Lesson, newStart: number, now: number, facts: Facts, taken: readonly Busy[]): RefusalCode[] {
  const slot = spanOf(newStart, lesson.minutes);
  const time = offerTimeRefusal(now, lesson.start, newStart);
  return [
    ...(time === undefined ? [] : [TIME_CODES[time]]),
    ...(slot.end > (lesson.extendedLimit ?? facts.limit) ? ['beyond-package-limit' as const] : []),
    ...contractBreaks(slot, facts),
    ...availabilityBreaks(slot, facts),
    ...conflicts(slot, facts, taken),
  ];
}

/** Rule 3: the whole lesson lies within a time under contract. */
export function contractBreaks(slot: Interval, { contracts }: Pick<Facts, 'contracts'>): RefusalCode[] {
  if (contracts.some(({ start, end }) => start <= slot.start && slot.end <= end)) return [];
  return contracts.every(({ end }) => end < slot.end) ? ['beyond-contract-end'] : ['outside-contract'];
}

function availabilityBreaks(slot: Interval, { unavailable }: Facts): RefusalCode[] {
  const why = unavailable(slot);
  return why === undefined ? [] : [why];
}

/** Nobody is in two lessons at once; an open offer holds its slot like a lesson. */
export function conflicts(slot: Interval, { teacherId }: Pick<Facts, 'teacherId'>, taken: readonly Busy[]): RefusalCode[] {
  const busy = new Set(taken.filter((held) => overlaps(held, slot)).map(({ participantId }) => participantId));
  const codes: RefusalCode[] = busy.has(teacherId) ? ['teacher-busy'] : [];
  busy.delete(teacherId);
  return busy.size === 0 ? codes : [...codes, 'student-busy'];
}

/** May a lesson that lost its offer go back to its old start? `by` is how long before that it is decided at the latest. */
export const originalIsAhead = (lesson: Pick<Lesson, 'start'>, now: number, by = 0): boolean => now < lesson.start - by;

