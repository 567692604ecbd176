import { NO_TOTALS, withChange, type Totals } from '../summaries/totals.ts';
import { courseText, learnerText, type Standing } from './standings.ts';
import type { CourseTotals, Learner } from './read.ts';

/** The standing of one test before and after a fold. */
export interface Move {
  readonly before: Standing | undefined;
  readonly after: Standing | undefined;
}

export function movesOf(before: ReadonlyMap<string, Standing>, after: ReadonlyMap<string, Standing | undefined>): Move[] {
  return [...after].map(([text, standing]) => ({ before: before.get(text), after: standing })).filter(differs);
}

function differs({ before, after }: Move): boolean {
  if (before === undefined || after === undefined) return before !== after;
  return (
    before.attemptId !== after.attemptId ||
    before.score !== after.score ||
    before.maxScore !== after.maxScore ||
    before.passed !== after.passed ||
    before.completedAtMs !== after.completedAtMs
  );
}

/** The standing that a move takes away. */
export const gone = ({ before, after }: Move): Standing[] => (after === undefined && before !== undefined ? [before] : []);

/** Everything that sums over tests, after some moves. */
export interface Sums {
  /** By the text of their keys: learners whose tests moved. `courses` counts those with a test. */
  readonly learners: ReadonlyMap<string, { readonly totals: Totals; readonly courses: number }>;
  /** Courses whose tests moved, those without a test left too. */
  readonly courses: readonly CourseTotals[];
}

export function sumMoves(moves: readonly Move[], learners: readonly Learner[], courses: readonly CourseTotals[]): Sums {
  const learnersBefore = new Map(learners.map((learner) => [learnerText(learner), learner]));
  const coursesBefore = new Map(courses.map((course) => [courseText(course), course]));
  const learnersAfter = new Map<string, { totals: Totals; courses: number }>();
  const coursesAfter = new Map<string, CourseTotals>();
  for (const { before, after } of moves) {
    const { organizationId, learnerId, courseId } = (after ?? before)!;
    const key = { organizationId, learnerId, courseId };
    const ofLearner = learnerText(key);
    const learner = learnersAfter.get(ofLearner) ?? learnersBefore.get(ofLearner)!;
    learnersAfter.set(ofLearner, { totals: withChange(learner.totals, before, after), courses: learner.courses });
    const ofCourse = courseText(key);
    const course: Totals = coursesAfter.get(ofCourse) ?? coursesBefore.get(ofCourse) ?? NO_TOTALS;
    coursesAfter.set(ofCourse, { ...key, ...withChange(course, before, after) });
  }
  for (const [text, course] of coursesAfter) {
    const had = (coursesBefore.get(text)?.testsCompleted ?? 0) > 0 ? 1 : 0;
    const has = course.testsCompleted > 0 ? 1 : 0;
    learnersAfter.get(learnerText(course))!.courses += has - had;
  }
  return { learners: learnersAfter, courses: [...coursesAfter.values()] };
}
