import type { Interval } from '@schoolbell/time/zones';
import { endOf, itemOf, openOffer, type Busy, type Facts, type Lesson, type Scene } from './state.ts';

/**
 * Slots that lessons hold, as a pure function of the state: the store holds exactly these rows, and the database's
 * exclusion constraint refuses an overlap of two of one participant with different claims.
 */
export interface Claim extends Interval {
  readonly participantId: string;
  readonly lessonId: string;
  /**
   * The lesson's own id, so a 60-minute lesson moved by 30 overlaps itself. Lessons of one open request that overlap each
   * other, as a series that moves by a week does, have the request's id instead, and never exclude each other.
   */
  readonly claim: string;
}

type People = Pick<Facts, 'teacherId' | 'seats'>;

interface Slot extends Interval {
  readonly lesson: Lesson;
  /** `offer`: a tentative hold of an offered slot. */
  readonly of: 'lesson' | 'offer';
}

/** Who cannot be in two lessons at once: the teacher and the students. A partner can. */
export const attendees = ({ teacherId, seats }: People): string[] => [teacherId, ...seats.map(({ studentId }) => studentId)];

/** The intervals a lesson holds now. */
function slotsOf(lesson: Lesson, scene: Scene): Slot[] {
  const held: Slot[] = [];
  if (lesson.status === 'scheduled' || lesson.holdsOriginal) held.push({ lesson, of: 'lesson', start: lesson.start, end: endOf(lesson) });
  const request = scene.requests.find(({ id }) => id === lesson.requestId);
  const item = itemOf(request, lesson.id);
  // A new time-zone database may ask for a slot that is taken; it holds nothing, approval checks again. A person's counter does.
  if (item !== undefined && openOffer(request)?.by.role !== 'system') {
    held.push({ lesson, of: 'offer', start: item.start, end: endOf({ ...item, minutes: lesson.minutes }) });
  }
  return held;
}

/** All rows of the scene's lessons. */
export function claimsOf(scene: Scene, people: People): Claim[] {
  const slots = scene.lessons.flatMap((lesson) => slotsOf(lesson, scene));
  const shared = sharing(slots);
  return slots.flatMap(({ lesson, start, end }) =>
    attendees(people).map((participantId) => ({
      participantId, lessonId: lesson.id, claim: shared.has(lesson.id) ? (lesson.requestId ?? lesson.id) : lesson.id, start, end,
    })));
}

/** Lessons with a slot that overlaps one of another lesson of their request. */
function sharing(slots: readonly Slot[]): Set<string> {
  const found = new Set<string>();
  for (const [requestId, own] of Map.groupBy(slots, ({ lesson }) => lesson.requestId)) {
    if (requestId === undefined) continue;
    const inOrder = own.toSorted((one, other) => one.start - other.start);
    for (const [index, { lesson, end }] of inOrder.entries()) {
      for (let later = index + 1; later < inOrder.length && inOrder[later]!.start < end; later += 1) {
        const other = inOrder[later]!.lesson;
        if (other.id !== lesson.id) found.add(lesson.id).add(other.id);
      }
    }
  }
  return found;
}

/**
 * Slots of the package's attendees that are not free for the given lessons. For lessons of the scene its own state counts,
 * not what was read of them: a deadline that has just been carried out may have freed a slot. `offers: 'dropped'` asks how
 * it will be when the scene's other lessons have gone back to their old starts.
 */
export function takenBesides(
  scene: Scene, facts: Facts, lessonIds: ReadonlySet<string>, offers: 'held' | 'dropped' = 'held',
): Busy[] {
  const inScene = new Set(scene.lessons.map(({ id }) => id));
  const people = attendees(facts);
  const others = scene.lessons.filter(({ id }) => !lessonIds.has(id)).flatMap((lesson) => slotsOf(lesson, scene))
    .filter((slot) => slot.of === 'lesson' || offers === 'held');
  return [
    ...facts.busy.filter(({ lessonId }) => !inScene.has(lessonId)),
    ...others.flatMap(({ lesson, start, end }) => people.map((participantId) => ({ participantId, lessonId: lesson.id, start, end }))),
  ];
}
