import { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { Identifier } from '../identifiers.ts';
import { readPlainSummary } from '../plain/events.ts';
import { tryFirst } from '../plain/try-first.ts';

const summaryUpdatedData = z.object({
  organizationId: Identifier,
  learnerId: Identifier,
  revision: z.int().positive(),
  body: z.string().min(2),
});
export type SummaryUpdatedData = z.infer<typeof summaryUpdatedData>;
/**
 * A learner's newest summary.
 * `body` is the exact JSON text to be delivered: it is written once, by the owner of the numbers, so that exact
 * decimals and the bytes under a signature survive every hop. Its shape is `SummaryMessage`.
 */
export const SummaryUpdatedData = tryFirst(summaryUpdatedData, readPlainSummary);

export const resultsSummaryUpdated = defineEvent({
  type: 'results.summary.updated.v1',
  subject: 'results.summary.updated',
  data: SummaryUpdatedData,
  description: 'The summary of a learner changed, or is told again on request.',
});

/** Changed ranks of an organization (`courseId` absent) or of one of its courses; `body` as in the summary. */
export const RatingUpdatedData = z.object({
  organizationId: Identifier,
  courseId: Identifier.optional(),
  revision: z.int().positive(),
  body: z.string().min(2),
});
export type RatingUpdatedData = z.infer<typeof RatingUpdatedData>;

export const resultsRatingUpdated = defineEvent({
  type: 'results.rating.updated.v1',
  subject: 'results.rating.updated',
  data: RatingUpdatedData,
  description: 'Ranks of learners changed since the last rating was told.',
});
