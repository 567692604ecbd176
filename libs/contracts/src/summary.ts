import { z } from 'zod';

const totals = {
  score: z.number(),
  maxScore: z.number(),
  /** 100 * score / maxScore, two decimals, half up. */
  percent: z.number(),
  testsCompleted: z.int(),
  testsPassed: z.int(),
};

/** What a destination receives, unless it has a `transform`. Numbers are exact decimals. */
export const SummaryMessage = z.object({
  type: z.literal('learner.summary.updated'),
  timestamp: z.iso.datetime(),
  data: z.object({
    organizationId: z.string(),
    learnerId: z.string(),
    revision: z.int(),
    totals: z.object(totals),
    courses: z.array(z.object({ courseId: z.string(), ...totals })),
    tests: z.array(
      z.object({
        courseId: z.string(),
        testId: z.string(),
        score: z.number(),
        maxScore: z.number(),
        passed: z.boolean(),
        completedAt: z.iso.datetime(),
      }),
    ),
    /** Latest completion among the attempts that count; null when none is left. */
    lastCompletedAt: z.iso.datetime().nullable(),
    /** Present only when a list was cut at its configured bound: how many entries there are in all. */
    truncated: z.object({ courses: z.int().optional(), tests: z.int().optional() }).optional(),
  }),
});
export type SummaryMessage = z.infer<typeof SummaryMessage>;

/** Changed ranks, for destinations that ask for `rating`. */
export const RatingMessage = z.object({
  type: z.literal('organization.rating.updated'),
  timestamp: z.iso.datetime(),
  data: z.object({
    organizationId: z.string(),
    courseId: z.string().optional(),
    revision: z.int(),
    learners: z.int().describe('Learners in the rating.'),
    changes: z.array(
      z.object({ learnerId: z.string(), rank: z.int().nullable(), percentile: z.number().nullable(), percent: z.number().nullable() }),
    ),
    truncated: z.boolean().optional(),
  }),
});
export type RatingMessage = z.infer<typeof RatingMessage>;
