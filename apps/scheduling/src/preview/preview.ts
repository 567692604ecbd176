import type { Database } from '@schoolbell/service-kit';
import { spanOf, type Interval } from '@schoolbell/time/zones';
import type { NewTime } from '../moves/commands.ts';
import { askBreaks } from '../moves/offering.ts';
import { breaksOfPlan, planMove, suggestedExclusions, type PlannedLesson } from '../moves/plan.ts';
import type { LessonBreak } from '../moves/refusals.ts';
import { endOf, type Facts, type Lesson } from '../moves/state.ts';
import type { Scope } from '../packages/kinds.ts';
import { glance } from './read.ts';

/** Where a move would lead and what stands in its way, before anybody is asked. */
export interface Preview {
  readonly plan: readonly PlannedLesson[];
  readonly breaks: readonly LessonBreak[];
  /** The smallest set to leave out so that the rest could move. */
  readonly leaveOut: readonly LessonBreak[];
  readonly facts: Pick<Facts, 'teacherId' | 'seats' | 'packageId'>;
}

export const preview = (db: Database, now: number, lessonId: string, scope: Scope, to: NewTime): Promise<Preview | undefined> =>
  glance(db, lessonId, scope, async ({ scene, chosen, facts, busyAt }) => {
    // A lesson that is being moved is asked about as a proposal would ask, or a counter that names it; a scheduled one as a request.
    const lessons = chosen.requestId === undefined && scope === 'lesson' ? [chosen] : scene.lessons;
    const more = chosen.requestId === undefined ? askBreaks(now) : undefined;
    const plan = planMove(lessons, chosen, to, facts);
    const slots = [...plan.map(({ start }, index) => spanOf(start, lessons[index]?.minutes ?? 0)), ...lessons.map(slotOf)];
    const known: Facts = { ...facts, busy: await busyAt(slots) };
    return {
      plan, facts,
      breaks: breaksOfPlan(plan, scene, now, known, more),
      leaveOut: plan.length === 1 ? [] : suggestedExclusions(plan, scene, now, known, more),
    };
  });

const slotOf = (lesson: Lesson): Interval => ({ start: lesson.start, end: endOf(lesson) });
