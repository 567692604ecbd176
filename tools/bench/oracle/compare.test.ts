import { describe, expect, it } from 'vitest';
import { differences } from './compare.ts';
import { expectedSummaries } from './oracle.ts';

const body = (data: object) =>
  JSON.stringify({ type: 'test.completed', timestamp: '2026-11-21T05:00:02.000Z', data: { learnerId: 'u-1', maxScore: 10, ...data } });
const expected = expectedSummaries([
  { id: 'wh_1', body: body({ attemptId: 'a-1', courseId: 'c-1', testId: 't-1', score: 5.25, completedAt: '2026-11-21T05:00:00.000Z' }) },
  { id: 'wh_2', body: body({ attemptId: 'a-2', courseId: 'c-2', testId: 't-1', score: 10, passed: true, completedAt: '2026-11-21T05:00:01.000Z' }) },
]).get('u-1')!;

const RIGHT =
  '{"type":"learner.summary.updated","timestamp":"2026-11-21T05:00:03.000Z","data":{"organizationId":"acme","learnerId":"u-1","revision":2,' +
  '"totals":{"score":15.25,"maxScore":20,"percent":76.25,"testsCompleted":2,"testsPassed":1},' +
  '"courses":[{"courseId":"c-2","score":10,"maxScore":10,"percent":100.00,"testsCompleted":1,"testsPassed":1},' +
  '{"courseId":"c-1","score":5.25,"maxScore":10,"percent":52.5,"testsCompleted":1,"testsPassed":0}],' +
  '"tests":[{"courseId":"c-1","testId":"t-1","score":5.25,"maxScore":10,"passed":false,"completedAt":"2026-11-21T05:00:00.000Z"},' +
  '{"courseId":"c-2","testId":"t-1","score":10,"maxScore":10,"passed":true,"completedAt":"2026-11-21T05:00:01.000Z"}],' +
  '"lastCompletedAt":"2026-11-21T05:00:01.000Z"}}';

describe('differences', () => {
  it('finds none in a right summary, whatever the order of its lists and the zeros of its decimals', () => {
    expect(differences('u-1', expected, RIGHT, 2)).toEqual([]);
  });
  it.each([
    ['a total', '"score":15.25,', '"score":15.250001,'],
    ['a percentage', '"percent":76.25', '"percent":76.24'],
    ['a course', '"percent":52.5,', '"percent":52.4,'],
    ['a test', '"passed":false', '"passed":true'],
    ['a test that is missing', '"testId":"t-1","score":10', '"testId":"t-2","score":10'],
    ['an instant', '"lastCompletedAt":"2026-11-21T05:00:01.000Z"', '"lastCompletedAt":"2026-11-21T05:00:01.001Z"'],
    ['another learner', '"learnerId":"u-1"', '"learnerId":"u-2"'],
    ['a revision that is not the header\'s', '"revision":2', '"revision":3'],
  ])('finds %s', (_, right, wrong) => {
    expect(RIGHT).toContain(right);
    expect(differences('u-1', expected, RIGHT.replace(right, wrong), 2)).not.toEqual([]);
  });
});
