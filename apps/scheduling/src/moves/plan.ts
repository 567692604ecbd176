import { moveBetween, moveWall, resolveWall, type Resolution, type WallTime } from '@schoolbell/time/zones';
import { takenBesides } from './claims.ts';
import type { NewTime } from './commands.ts';
import type { LessonBreak, RefusalCode } from './refusals.ts';
import { breaksOf } from './rules.ts';
import type { Facts, Lesson, OfferItem, Scene } from './state.ts';

/** Where each lesson of a move would go, and which rules it would break there. The preview and the commands share it. */
export interface PlannedLesson extends OfferItem {
  readonly oldStart: number;
  /** Of the new wall clock: people are warned of a gap, and choose the pass of an overlap. */
  readonly kind: Resolution['kind'];
}

/**
 * The picked time of the chosen lesson, carried over to the others by weekday, time and weeks on the wall clock of the
 * package's zone: "Wednesday to Monday" stays a Monday over a clock change (rule 10). Order is that of `lessons`.
 */
export function planMove(lessons: readonly Lesson[], chosen: Lesson, to: NewTime, facts: Pick<Facts, 'zone'>): PlannedLesson[] {
  const move = moveBetween(chosen.wall, to.wall);
  return lessons.map((lesson) => {
    const wall: WallTime = lesson.id === chosen.id ? to.wall : moveWall(lesson.wall, move);
    const { instant, kind } = resolveWall(wall, facts.zone, to.pass);
    return {
      lessonId: lesson.id, oldStart: lesson.start, start: instant, wall, kind,
      ...(kind === 'overlap' ? { pass: to.pass ?? 'first' } : {}),
    };
  });
}

/**
 * Which of the planned lessons break a rule. Lessons that are not in the plan are taken to stay at their old starts, so a
 * lesson left out of a move by a week stands in the way of the one that would take its place.
 */
export function breaksOfPlan(
  plan: readonly Pick<PlannedLesson, 'lessonId' | 'start'>[], scene: Scene, now: number, facts: Facts,
  more: (lesson: Lesson) => readonly RefusalCode[] = () => [],
): LessonBreak[] {
  const lessons = new Map(scene.lessons.map((lesson) => [lesson.id, lesson]));
  const taken = takenBesides(scene, facts, new Set(plan.map(({ lessonId }) => lessonId)), 'dropped');
  return plan.flatMap(({ lessonId, start }) => {
    const lesson = lessons.get(lessonId) as Lesson;
    const codes = [...more(lesson), ...breaksOf(lesson, start, now, facts, taken)];
    return codes.length === 0 ? [] : [{ lessonId, oldStart: lesson.start, newStart: start, codes }];
  });
}

/** The smallest set of lessons to leave out so that the rest can move, found by leaving out until nothing breaks. */
export function suggestedExclusions(
  plan: readonly PlannedLesson[], scene: Scene, now: number, facts: Facts,
  more?: (lesson: Lesson) => readonly RefusalCode[],
): LessonBreak[] {
  const found: LessonBreak[] = [];
  for (;;) {
    const left = plan.filter(({ lessonId }) => !found.some((out) => out.lessonId === lessonId));
    const breaks = breaksOfPlan(left, scene, now, facts, more);
    if (breaks.length === 0) return found;
    found.push(...breaks);
  }
}

/**
 * The regular lessons of a series from the chosen one on: same package, scheduled, same nominal weekday and time in the
 * package's zone. The nominal time counts, so a lesson that a gap moved by an hour is still regular.
 */
export function regularFrom(chosen: Lesson, lessons: readonly Lesson[]): Lesson[] {
  return lessons
    .filter((lesson) => lesson.packageId === chosen.packageId && lesson.status === 'scheduled'
      && lesson.zone === chosen.zone && lesson.wall >= chosen.wall && isRegular(lesson.wall, chosen.wall))
    .toSorted((one, other) => one.start - other.start);
}

function isRegular(wall: WallTime, chosen: WallTime): boolean {
  const sameWeek = { ...moveBetween(chosen, wall), weekShift: 0 };
  return moveWall(chosen, sameWeek) === chosen;
}
