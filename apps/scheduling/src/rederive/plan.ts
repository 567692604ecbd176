import { overlaps, resolveWall, spanOf, type Interval } from '@schoolbell/time/zones';
import { attendees } from '../moves/claims.ts';
import { contractBreaks } from '../moves/rules.ts';
import { openItems, openOffer, type Busy, type Facts, type Lesson, type MoveRequest } from '../moves/state.ts';

/**
 * A new time-zone database: which slots move with their wall clock and which keep their instant. Slots of people who share
 * lessons are judged together, because a whole day of a teacher moves by the same hour and nothing of it collides.
 */

/** Nearer lessons keep their instant: people have arranged their day by it. */
export const KEEP_WITHIN_MS = 72 * 3_600_000;

/** A lesson with what is needed to derive it. */
export interface Subject {
  readonly lesson: Lesson;
  readonly request?: MoveRequest | undefined;
  readonly facts: Pick<Facts, 'zone' | 'limit' | 'contracts' | 'teacherId' | 'seats' | 'packageId'>;
}

/** One slot that the database derives differently. */
export interface Shift {
  readonly lessonId: string;
  /** The lesson's own start, or the one it is offered. */
  readonly slot: 'lesson' | 'offer';
  readonly claim: string;
  readonly people: readonly string[];
  readonly from: Interval;
  readonly to: Interval;
}

/** Slots that change, by lesson. Past ones never do. */
export function shiftsOf({ lesson, request, facts }: Subject, now: number): Shift[] {
  const derive = (wall: string, pass: Lesson['pass']): number => resolveWall(wall, facts.zone, pass).instant;
  const item = openItems(openOffer(request)).find(({ lessonId }) => lessonId === lesson.id);
  const slots = [
    { slot: 'lesson' as const, start: lesson.start, derived: derive(lesson.wall, lesson.pass) },
    ...(item === undefined || request?.origin === 'tz-database' ? [] : [{ slot: 'offer' as const, start: item.start, derived: derive(item.wall, item.pass) }]),
  ];
  return slots.filter(({ start, derived }) => start > now && start !== derived).map(({ slot, start, derived }) => ({
    lessonId: lesson.id, slot, claim: lesson.requestId ?? lesson.id, people: attendees(facts),
    from: spanOf(start, lesson.minutes), to: spanOf(derived, lesson.minutes),
  }));
}

/**
 * The shifts that are carried out; every other one keeps its instant. `all`: every shift of the subjects; `busy`: slots of
 * their people that do not change.
 */
export function shiftsToMake(subjects: readonly Subject[], all: readonly Shift[], busy: readonly Busy[], now: number): Set<Shift> {
  const known = new Map(subjects.map((subject) => [subject.lesson.id, subject]));
  const moving = new Set(all.filter((shift) => mayMove(shift, known.get(shift.lessonId) as Subject, now)));
  for (;;) {
    const blocked = [...moving].filter((shift) => collides(shift, all, moving, busy));
    if (blocked.length === 0) return moving;
    for (const shift of blocked) moving.delete(shift);
  }
}

function mayMove({ from, to }: Shift, { lesson, facts }: Subject, now: number): boolean {
  if (Math.min(from.start, to.start) - now < KEEP_WITHIN_MS) return false;
  return to.end <= (lesson.extendedLimit ?? facts.limit) && contractBreaks(to, facts).length === 0;
}

function collides(shift: Shift, all: readonly Shift[], moving: ReadonlySet<Shift>, busy: readonly Busy[]): boolean {
  if (busy.some((held) => shift.people.includes(held.participantId) && overlaps(held, shift.to))) return true;
  return all.some((other) => other !== shift && other.claim !== shift.claim
    && other.people.some((person) => shift.people.includes(person))
    && overlaps(moving.has(other) ? other.to : other.from, shift.to));
}
