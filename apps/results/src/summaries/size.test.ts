import { IDENTIFIER_MAX_LENGTH, Identifier, OrganizationConfig, SCORE_MAX, SUMMARY_COURSES_MAX, SUMMARY_TESTS_MAX } from '@schoolbell/contracts';
import { describe, expect, it } from 'vitest';
import { microsOf } from '../decimals/micros.ts';
import { summaryMessage } from './ledger.ts';
import { renderContent, renderEntry, renderMessage } from './render.ts';

/** What NATS takes unless it is configured otherwise, less what headers and subject may have. */
const MESSAGE_MAX_BYTES = 1_048_576 - 4_096;
const INTEGER_MAX = 2_147_483_647;

/** The message of a learner with the longest lists, whose every id is this one. */
function longestMessage(id: string): string {
  const owner = { organizationId: id, learnerId: id };
  const test = { ...owner, courseId: id, testId: id, attemptId: id, score: microsOf(SCORE_MAX - 0.000_001), maxScore: microsOf(SCORE_MAX), passed: false, completedAtMs: 0 };
  const sum = BigInt(test.score) * BigInt(INTEGER_MAX);
  const totals = { score: sum, maxScore: sum + 1n, testsCompleted: INTEGER_MAX, testsPassed: INTEGER_MAX };
  const content = renderContent({
    ...owner,
    totals,
    courses: Array.from({ length: SUMMARY_COURSES_MAX }, () => ({ ...totals, courseId: id })),
    courseCount: INTEGER_MAX,
    entries: Array.from({ length: SUMMARY_TESTS_MAX }, () => renderEntry(test)).join(','),
    entryCount: SUMMARY_TESTS_MAX,
    lastCompletedAtMs: 0,
  });
  const body = renderMessage(owner, INTEGER_MAX, 0, content);
  return summaryMessage({ ...owner, id: Number.MAX_SAFE_INTEGER, revision: INTEGER_MAX, body }, 0).body;
}

describe('the longest summary that a configuration allows', () => {
  it.each(['"', '\\', '漢', '🙂', '\u2028', 'x'])('fits into a message of NATS, with the longest ids of %j', (character) => {
    const id = `x${character.repeat(IDENTIFIER_MAX_LENGTH)}`.slice(0, IDENTIFIER_MAX_LENGTH - 1).replace(/\p{Surrogate}$/u, '') + 'x';
    expect(Identifier.parse(id)).toBe(id);
    expect(Buffer.byteLength(longestMessage(id))).toBeLessThan(MESSAGE_MAX_BYTES);
  });

  it('is as long as the bounds say', () => {
    const limits = (summaryLimits: object) => OrganizationConfig.safeParse({ id: 'acme', summaryLimits }).success;
    expect(limits({ tests: SUMMARY_TESTS_MAX, courses: SUMMARY_COURSES_MAX })).toBe(true);
    expect(limits({ tests: SUMMARY_TESTS_MAX + 1 })).toBe(false);
    expect(limits({ courses: SUMMARY_COURSES_MAX + 1 })).toBe(false);
  });
});
