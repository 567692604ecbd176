import { SummaryMessage } from '@schoolbell/contracts';
import { describe, expect, it } from 'vitest';
import { renderContent, renderEntry, renderMessage, type SummaryContent } from './render.ts';
import { NO_TOTALS } from './totals.ts';

const owner = { organizationId: 'acme', learnerId: 'u "1"' };
const entry = renderEntry({
  ...owner, courseId: 'c-1', testId: 'ü\u2028', attemptId: 'a-1', score: 100_000, maxScore: 20_000_000, passed: false, completedAtMs: 0,
});
const content: SummaryContent = {
  ...owner,
  totals: { score: 9_007_199_254_740_993_000_001n, maxScore: 9_007_199_254_740_993_000_002n, testsCompleted: 1, testsPassed: 0 },
  courses: [{ courseId: 'c-1', score: 100_000n, maxScore: 20_000_000n, testsCompleted: 1, testsPassed: 0 }],
  courseCount: 1,
  entries: entry,
  entryCount: 1,
  lastCompletedAtMs: 0,
};

describe('a rendered summary', () => {
  it('has the shape of the contract', () => {
    const message = SummaryMessage.parse(JSON.parse(renderMessage(owner, 7, 1_000, renderContent(content))));
    expect(message).toMatchObject({ timestamp: '1970-01-01T00:00:01.000Z', data: { learnerId: 'u "1"', revision: 7, tests: [{ testId: 'ü\u2028', score: 0.1 }] } });
    expect(message.data.truncated).toBeUndefined();
  });

  it('writes sums that no double holds', () => {
    expect(renderContent(content)).toContain('"score":9007199254740993.000001,"maxScore":9007199254740993.000002,"percent":100,');
  });

  it('says of what is left nothing but zeros', () => {
    const empty = renderContent({ ...content, totals: NO_TOTALS, courses: [], courseCount: 0, entries: '', entryCount: 0, lastCompletedAtMs: null });
    expect(empty).toBe('"totals":{"score":0,"maxScore":0,"percent":0,"testsCompleted":0,"testsPassed":0},"courses":[],"tests":[],"lastCompletedAt":null');
  });

  it.each([
    [{ courseCount: 3 }, '{"courses":3}'],
    [{ entryCount: 0 }, '{"tests":1}'],
    [{ courseCount: 3, entryCount: 0 }, '{"courses":3,"tests":1}'],
  ])('says which lists are cut: %o', (change, expected) => {
    expect(renderContent({ ...content, ...change })).toContain(`,"truncated":${expected}`);
  });
});
