import { z } from 'zod';
import { Identifier, Label } from './identifiers.ts';
import { readPlainWebhook } from './plain/webhook.ts';
import { tryFirst } from './plain/try-first.ts';
import { Score } from './scores.ts';

const finishedAttempt = z
  .object({
    attemptId: Identifier,
    learnerId: Identifier,
    courseId: Identifier,
    /** Any graded task: test, simulator, assignment. */
    testId: Identifier,
    score: Score,
    maxScore: Score.refine((value) => value > 0, 'must be greater than 0'),
    passed: z.boolean().optional(),
    completedAt: z.iso.datetime({ offset: true }),
    startedAt: z.iso.datetime({ offset: true }).optional(),
    kind: Label.optional(),
    organizationId: Identifier.optional(),
  })
  .refine((data) => data.score <= data.maxScore, { path: ['score'], message: 'must not exceed maxScore' });

const voidedAttempt = z.object({ attemptId: Identifier, organizationId: Identifier.optional() });

const timestamp = z.iso.datetime({ offset: true });

const platformWebhook = z.discriminatedUnion('type', [
  z.object({ type: z.literal('test.completed'), timestamp, data: finishedAttempt }),
  z.object({ type: z.literal('test.regraded'), timestamp, data: finishedAttempt }),
  z.object({ type: z.literal('test.voided'), timestamp, data: voidedAttempt }),
]);
export type PlatformWebhook = z.infer<typeof platformWebhook>;
/** The canonical webhook of a platform. A source with another shape maps it to this one with its `transform`. */
export const PlatformWebhook = tryFirst(platformWebhook, readPlainWebhook);

/** The answer 202. */
export const WebhookAccepted = z.object({
  id: z.string().describe('The webhook-id that was accepted.'),
  duplicate: z.boolean().describe('True when this webhook had been accepted before; nothing was stored again.'),
});
