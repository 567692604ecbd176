import { formatInstant } from '@schoolbell/time';
import { formatMicros, percentOf } from '../decimals/micros.ts';
import type { Standing } from '../fold/standings.ts';
import type { Totals } from './totals.ts';

/** What a summary says besides its revision and timestamp. */
export interface SummaryContent {
  readonly organizationId: string;
  readonly learnerId: string;
  readonly totals: Totals;
  /** By course id, cut at the organization's bound. */
  readonly courses: readonly (Totals & { readonly courseId: string })[];
  readonly courseCount: number;
  /** Entries of `renderEntry` joined by commas, newest first, cut at the organization's bound. */
  readonly entries: string;
  readonly entryCount: number;
  readonly lastCompletedAtMs: number | null;
}

/** The line of a test, as it stands in `tests`. */
export function renderEntry({ courseId, testId, score, maxScore, passed, completedAtMs }: Standing): string {
  return (
    `{"courseId":${JSON.stringify(courseId)},"testId":${JSON.stringify(testId)},"score":${formatMicros(score)}` +
    `,"maxScore":${formatMicros(maxScore)},"passed":${passed},"completedAt":"${formatInstant(completedAtMs)}"}`
  );
}

/**
 * The part of the message that decides about the revision, without the opening brace: whoever compares two of them
 * compares two summaries. Numbers are written from exact decimals, never through a floating-point number.
 */
export function renderContent(content: SummaryContent): string {
  const { totals, courses, courseCount, entryCount, lastCompletedAtMs } = content;
  const cut: string[] = [];
  if (courseCount > courses.length) cut.push(`"courses":${courseCount}`);
  if (totals.testsCompleted > entryCount) cut.push(`"tests":${totals.testsCompleted}`);
  return (
    `"totals":{${renderTotals(totals)}},"courses":[` +
    courses.map((course) => `{"courseId":${JSON.stringify(course.courseId)},${renderTotals(course)}}`).join(',') +
    `],"tests":[${content.entries}],"lastCompletedAt":${lastCompletedAtMs === null ? 'null' : `"${formatInstant(lastCompletedAtMs)}"`}` +
    (cut.length === 0 ? '' : `,"truncated":{${cut.join(',')}}`)
  );
}

/** The whole message, as it will be signed. Its shape is the contract `SummaryMessage`. */
export function renderMessage(
  { organizationId, learnerId }: Pick<SummaryContent, 'organizationId' | 'learnerId'>,
  revision: number,
  timestampMs: number,
  content: string,
): string {
  return (
    `{"type":"learner.summary.updated","timestamp":"${formatInstant(timestampMs)}","data":{"organizationId":${JSON.stringify(organizationId)}` +
    `,"learnerId":${JSON.stringify(learnerId)},"revision":${revision},${content}}}`
  );
}

function renderTotals({ score, maxScore, testsCompleted, testsPassed }: Totals): string {
  return (
    `"score":${formatMicros(score)},"maxScore":${formatMicros(maxScore)},"percent":${percentOf(score, maxScore)}` +
    `,"testsCompleted":${testsCompleted},"testsPassed":${testsPassed}`
  );
}
