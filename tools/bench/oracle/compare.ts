import { parseInstant } from '@schoolbell/time';
import { parseExact } from './decimal.ts';
import type { ExpectedSummary, Totals } from './oracle.ts';

const MICRO = 1_000_000n;

interface Row extends Record<string, unknown> {
  readonly courseId: string;
  readonly testId: string;
}
interface Received {
  readonly type: unknown;
  readonly data: {
    readonly learnerId: unknown;
    readonly revision: unknown;
    readonly totals: Record<string, unknown>;
    readonly courses: Row[];
    readonly tests: Row[];
    readonly lastCompletedAt: string | null;
    readonly truncated?: unknown;
  };
}

/**
 * What is wrong with a summary as it was received, in words; empty when it is right. The order of the lists is not
 * looked at, everything else is, down to the last decimal.
 */
export function differences(learnerId: string, expected: ExpectedSummary, body: string, revision: number): string[] {
  const { type, data } = parseExact(body) as Received;
  const wrong: string[] = [];
  const same = (what: string, actual: unknown, wanted: unknown) => {
    if (actual !== wanted) wrong.push(`${what}: ${String(actual)} instead of ${String(wanted)}`);
  };
  same('type', type, 'learner.summary.updated');
  same('learnerId', data.learnerId, learnerId);
  same('revision', data.revision, BigInt(revision) * MICRO);
  same('truncated', data.truncated, undefined);
  compareTotals('totals', data.totals, expected.totals, same);
  const courses = new Map(data.courses.map((course) => [course.courseId, course]));
  same('courses', data.courses.length, expected.courses.size);
  for (const [courseId, totals] of expected.courses) compareTotals(courseId, courses.get(courseId) ?? {}, totals, same);
  const tests = new Map(data.tests.map((test) => [`${test.courseId}/${test.testId}`, test]));
  same('tests', data.tests.length, expected.tests.size);
  for (const [key, test] of expected.tests) {
    const actual = tests.get(key);
    same(`${key} score`, actual?.['score'], test.score);
    same(`${key} maxScore`, actual?.['maxScore'], test.maxScore);
    same(`${key} passed`, actual?.['passed'], test.passed);
    same(`${key} completedAt`, instant(actual?.['completedAt']), test.completedMs);
  }
  same('lastCompletedAt', data.lastCompletedAt === null ? null : instant(data.lastCompletedAt), expected.lastCompletedMs);
  return wrong;
}

function compareTotals(
  where: string,
  actual: Record<string, unknown>,
  expected: Totals,
  same: (what: string, actual: unknown, wanted: unknown) => void,
): void {
  same(`${where} score`, actual['score'], expected.score);
  same(`${where} maxScore`, actual['maxScore'], expected.maxScore);
  same(`${where} percent`, actual['percent'], expected.percent);
  same(`${where} testsCompleted`, actual['testsCompleted'], BigInt(expected.testsCompleted) * MICRO);
  same(`${where} testsPassed`, actual['testsPassed'], BigInt(expected.testsPassed) * MICRO);
}

const instant = (text: unknown): unknown => (typeof text === 'string' ? parseInstant(text) : text);
