import { z } from 'zod';
import { Identifier } from '../identifiers.ts';
import { defineRequest, QUESTION_TIMEOUT_MS } from './definition.ts';
import { count, instant, REPLY_ITEMS_MAX } from './fields.ts';

/** Ask results to tell the newest summary of every learner of an organization again (a new destination needs all). */
export const resultsSummariesRepublish = defineRequest({
  subject: 'request.results.summaries-republish',
  request: z.object({ organizationId: Identifier, dryRun: z.boolean() }),
  reply: z.object({ learners: z.int() }),
  timeoutMs: 10_000,
  description: 'Count, and unless dryRun publish again, the newest summaries of an organization.',
});

/** The newest revision of a learner's summary, in every organization that knows the id. */
export const resultsLearner = defineRequest({
  subject: 'request.results.learner',
  request: z.object({ learnerId: Identifier }),
  reply: z.object({
    items: z
      .array(z.object({ organizationId: z.string(), revision: count, testsCompleted: count, testsPassed: count, updatedAt: instant }))
      .max(REPLY_ITEMS_MAX),
  }),
  timeoutMs: QUESTION_TIMEOUT_MS,
  description: "The newest revision of a learner's summary, in every configured organization that knows the learner.",
});
