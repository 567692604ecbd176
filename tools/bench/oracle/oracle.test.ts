import { describe, expect, it } from 'vitest';
import { expectedSummaries, type Policy } from './oracle.ts';

const DEFAULTS = { attemptId: 'a-1', learnerId: 'u-1', courseId: 'c-1', testId: 't-1', score: 5, maxScore: 10, completedAt: '2026-11-21T05:00:00.000Z' };
const AT = '2026-11-21T05:00:02.000Z';

function webhook(data: object, { id = 'wh_1', timestamp = AT, type = 'test.completed' } = {}) {
  return { id, body: JSON.stringify({ type, timestamp, data: { ...DEFAULTS, ...data } }) };
}
const voided = (attemptId: string) => ({ id: 'wh_v', body: JSON.stringify({ type: 'test.voided', timestamp: AT, data: { attemptId } }) });

function only(webhooks: { id: string; body: string }[], policy?: Policy) {
  return expectedSummaries(webhooks, policy).get('u-1')!;
}

describe('within an attempt', () => {
  const completed = webhook({ score: 5 });
  const regraded = webhook({ score: 3, passed: true }, { id: 'wh_0', timestamp: '2026-11-21T05:00:03.000Z', type: 'test.regraded' });

  it('the newest timestamp decides, in any order of arrival', () => {
    for (const order of [[completed, regraded], [regraded, completed]]) {
      expect(only(order).tests.get('c-1/t-1')).toMatchObject({ score: 3_000_000n, passed: true });
    }
  });
  it('the greatest webhook id decides between equal timestamps', () => {
    const other = webhook({ score: 9 }, { id: 'wh_2' });
    expect(only([other, completed]).totals.score).toBe(9_000_000n);
    expect(only([completed, other]).totals.score).toBe(9_000_000n);
  });
  it('a void is final, also before what it voids', () => {
    for (const order of [[voided('a-1'), completed, regraded], [regraded, completed, voided('a-1')]]) {
      expect(only(order)).toMatchObject({ totals: { score: 0n, percent: 0n, testsCompleted: 0 }, lastCompletedMs: null });
    }
  });
  it('repeats and duplicates change nothing', () => {
    expect(only([completed, completed, { ...completed, id: 'wh_3' }]).totals).toMatchObject({ score: 5_000_000n, testsCompleted: 1 });
  });
});

describe('between the attempts at a test', () => {
  const early = webhook({ attemptId: 'a-1', score: 9, maxScore: 12, completedAt: '2026-11-21T05:00:00.000Z' });
  const middle = webhook({ attemptId: 'a-2', score: 8, maxScore: 10, completedAt: '2026-11-21T05:00:01.000Z' });
  const late = webhook({ attemptId: 'a-3', score: 2, maxScore: 10, completedAt: '2026-11-21T05:00:02.000Z' });

  it.each([
    ['best', 8_000_000n],
    ['latest', 2_000_000n],
    ['first', 9_000_000n],
  ] as const)('%s', (policy, score) => {
    expect(only([late, early, middle], policy).totals).toMatchObject({ score, testsCompleted: 1 });
  });
  it('of equal shares the latest is the best', () => {
    const tie = webhook({ attemptId: 'a-4', score: 16, maxScore: 20, completedAt: '2026-11-21T05:00:09.000Z' });
    expect(only([tie, middle]).totals.maxScore).toBe(20_000_000n);
    expect(only([middle, tie]).totals.maxScore).toBe(20_000_000n);
  });
  it('the next best counts when the best is voided', () => {
    expect(only([early, middle, late, voided('a-2')]).totals.score).toBe(9_000_000n);
  });
});

it('sums over tests and courses; the same test in two courses counts in each; no `passed` is not passed', () => {
  const summary = only([
    webhook({ attemptId: 'a-1', passed: true, score: 1 / 8 }),
    webhook({ attemptId: 'a-2', courseId: 'c-2', score: 7.5, completedAt: '2026-11-21T05:00:01.000Z' }),
  ]);
  expect(summary.totals).toEqual({ score: 7_625_000n, maxScore: 20_000_000n, percent: 38_130_000n, testsCompleted: 2, testsPassed: 1 });
  expect(summary.courses.get('c-2')).toEqual({ score: 7_500_000n, maxScore: 10_000_000n, percent: 75_000_000n, testsCompleted: 1, testsPassed: 0 });
  expect([...summary.tests.keys()]).toEqual(['c-1/t-1', 'c-2/t-1']);
});
