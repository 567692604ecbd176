import { describe, expect, it } from 'vitest';
import { NO_TOTALS } from '../summaries/totals.ts';
import { gone, movesOf, sumMoves } from './moves.ts';
import { courseText, learnerText, testText, type Standing } from './standings.ts';

const standing = (change: Partial<Standing>): Standing => ({
  organizationId: 'acme',
  learnerId: 'u-1',
  courseId: 'c-1',
  testId: 't-1',
  attemptId: 'a-1',
  score: 7_000_000,
  maxScore: 10_000_000,
  passed: true,
  completedAtMs: 0,
  ...change,
});
const byText = (...standings: Standing[]) => new Map(standings.map((one) => [testText(one), one]));
const learner = { organizationId: 'acme', learnerId: 'u-1', revision: 3, version: 1, contentSha256: 'x' };

describe('movesOf', () => {
  it('leaves out what stays as it was', () => {
    const before = byText(standing({}), standing({ testId: 't-2' }), standing({ testId: 't-3' }));
    const better = standing({ testId: 't-2', attemptId: 'a-9', score: 9_000_000 });
    const after = new Map<string, Standing | undefined>([...byText(standing({}), better), [testText(standing({ testId: 't-3' })), undefined], ['unknown', undefined]]);
    const moves = movesOf(before, after);
    expect(moves).toEqual([
      { before: standing({ testId: 't-2' }), after: better },
      { before: standing({ testId: 't-3' }), after: undefined },
    ]);
    expect(moves.flatMap(gone)).toEqual([standing({ testId: 't-3' })]);
  });
});

describe('sumMoves', () => {
  it('moves the sums of the learner and of each course by the difference, and counts courses', () => {
    const totals = { score: 12_000_000n, maxScore: 20_000_000n, testsCompleted: 2, testsPassed: 1 };
    const ofCourse = { organizationId: 'acme', learnerId: 'u-1', courseId: 'c-1', score: 7_000_000n, maxScore: 10_000_000n, testsCompleted: 1, testsPassed: 1 };
    const moves = [
      { before: standing({}), after: undefined },
      { before: undefined, after: standing({ courseId: 'c-2', score: 500_000, passed: false }) },
      { before: undefined, after: standing({ courseId: 'c-2', testId: 't-2', score: 1, maxScore: 3 }) },
    ];
    const sums = sumMoves(moves, [{ ...learner, totals, courses: 2 }], [ofCourse]);
    expect(sums.learners.get(learnerText(learner))).toEqual({
      totals: { score: 5_500_001n, maxScore: 20_000_003n, testsCompleted: 3, testsPassed: 1 },
      courses: 2,
    });
    expect(new Map(sums.courses.map((course) => [courseText(course), course]))).toEqual(
      new Map([
        [courseText(ofCourse), { ...ofCourse, ...NO_TOTALS }],
        [
          courseText({ ...ofCourse, courseId: 'c-2' }),
          { ...ofCourse, courseId: 'c-2', score: 500_001n, maxScore: 10_000_003n, testsCompleted: 2, testsPassed: 1 },
        ],
      ]),
    );
  });
});
