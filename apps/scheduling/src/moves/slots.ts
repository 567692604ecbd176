import { spanOf, type Interval } from '@schoolbell/time/zones';
import type { Command, NewTime } from './commands.ts';
import { planMove } from './plan.ts';
import { counteredLesson, endOf, openItems, openOffer, type Facts, type Lesson, type Scene } from './state.ts';

/**
 * The slots that a decision may have to find free: old starts (to go back to), offered ones (approval asks again), and the
 * ones that a new time leads to. Only who is busy around these has to be read; a teacher has thousands of others.
 */
export function slotsToKnow(scene: Scene, command: Command, facts: Pick<Facts, 'zone'>): Interval[] {
  const lessons = new Map(scene.lessons.map((lesson) => [lesson.id, lesson]));
  const old = scene.lessons.map((lesson) => ({ start: lesson.start, end: endOf(lesson) }));
  const offered = scene.requests.flatMap((request) =>
    openItems(openOffer(request)).map(({ lessonId, start }) => spanOf(start, lessons.get(lessonId)?.minutes ?? 0)));
  const chosen = 'to' in command ? firstOf(scene, command) : undefined;
  if (chosen === undefined || !('to' in command)) return [...old, ...offered];
  return [...old, ...offered, ...planned(scene.lessons, chosen, command.to, facts)];
}

function firstOf(scene: Scene, command: Command): Lesson | undefined {
  if ('lessonId' in command) return scene.lessons.find(({ id }) => id === command.lessonId);
  if (command.type !== 'counter') return scene.lessons[0];
  const chosen = counteredLesson(openOffer(scene.requests[0]), command.ofLesson);
  return scene.lessons.find(({ id }) => id === chosen);
}

function planned(lessons: readonly Lesson[], chosen: Lesson, to: NewTime, facts: Pick<Facts, 'zone'>): Interval[] {
  return planMove(lessons, chosen, to, facts).map(({ lessonId, start }) =>
    spanOf(start, lessons.find(({ id }) => id === lessonId)?.minutes ?? 0));
}
