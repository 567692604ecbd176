import type { Interval } from '@schoolbell/time/zones';
import { endOf, itemOf, openOffer, type Busy, type Facts, type Lesson, type Scene } from './state.ts';

/**
 * Slots that lessons hold, as a pure function of the state: the store writes exactly these rows, and the database's
 * exclusion constraint refuses an overlap of two of one participant with different claims. The claim is the open request,
 * else the lesson, so holds of one request never exclude each other: a 60-minute lesson moved by 30 overlaps itself.
 */
export interface Claim extends Interval {
  readonly participantId: string;
  readonly lessonId: string;
  /** Request id while one is open, else the lesson's own id. */
  readonly claim: string;
  /** `offer`: a tentative hold of an offered slot. */
  readonly slot: 'lesson' | 'offer';
}

type People = Pick<Facts, 'teacherId' | 'seats'>;

/** Who cannot be in two lessons at once: the teacher and the students. A partner can. */
export const attendees = ({ teacherId, seats }: People): string[] => [teacherId, ...seats.map(({ studentId }) => studentId)];

/** The intervals a lesson holds now. */
export function slotsOf(lesson: Lesson, scene: Scene): { slot: Claim['slot']; interval: Interval }[] {
  const held: { slot: Claim['slot']; interval: Interval }[] = [];
  if (lesson.status === 'scheduled' || lesson.holdsOriginal) held.push({ slot: 'lesson', interval: { start: lesson.start, end: endOf(lesson) } });
  const request = scene.requests.find(({ id }) => id === lesson.requestId);
  const item = itemOf(request, lesson.id);
  // A new time-zone database may ask for a slot that is taken; it holds nothing, approval checks again. A person's counter does.
  if (item !== undefined && openOffer(request)?.by.role !== 'system') held.push({ slot: 'offer', interval: { start: item.start, end: endOf({ ...item, minutes: lesson.minutes }) } });
  return held;
}

/** All rows of the scene's lessons. */
export const claimsOf = (scene: Scene, people: People): Claim[] =>
  scene.lessons.flatMap((lesson) =>
    slotsOf(lesson, scene).flatMap(({ slot, interval }) =>
      attendees(people).map((participantId) => ({
        participantId, lessonId: lesson.id, claim: lesson.requestId ?? lesson.id, slot, ...interval,
      })),
    ),
  );

/**
 * Slots of the package's attendees that are not free for the given lessons. For lessons of the scene its own state counts,
 * not what was read of them: a deadline that has just been carried out may have freed a slot. `offers: 'dropped'` asks how
 * it will be when the scene's other lessons have gone back to their old starts.
 */
export function takenBesides(
  scene: Scene, facts: Facts, lessonIds: ReadonlySet<string>, offers: 'held' | 'dropped' = 'held',
): Busy[] {
  const inScene = new Set(scene.lessons.map(({ id }) => id));
  return [
    ...facts.busy.filter(({ lessonId }) => !inScene.has(lessonId)),
    ...claimsOf(scene, facts).filter(
      ({ lessonId, slot }) => !lessonIds.has(lessonId) && (slot === 'lesson' || offers === 'held'),
    ),
  ];
}
