import { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { Identifier, Slug } from '../identifiers.ts';
import { readPlainResult, readPlainVoid } from '../plain/events.ts';
import { tryFirst } from '../plain/try-first.ts';
import { Score } from '../scores.ts';

/** Where the fact came from: the source of the configuration and the platform's own event id. */
const origin = { source: Slug, webhookId: z.string().min(1).max(64), organizationId: Identifier, attemptId: Identifier };

const resultData = z.object({
  ...origin,
  learnerId: Identifier,
  courseId: Identifier,
  testId: Identifier,
  score: Score,
  maxScore: Score,
  /** Missing counts as not passed. */
  passed: z.boolean().optional(),
  kind: z.string().max(64).optional(),
  startedAt: z.iso.datetime().optional(),
  completedAt: z.iso.datetime(),
  /** The webhook's own `timestamp`: within one attempt the greatest (timestamp, webhookId) decides. */
  timestamp: z.iso.datetime(),
});
export type ResultData = z.infer<typeof resultData>;
/** One finished attempt at one graded task, in canonical fields only. */
export const ResultData = tryFirst(resultData, readPlainResult);

const voidData = z.object({ ...origin, timestamp: z.iso.datetime() });
export type VoidData = z.infer<typeof voidData>;
/** The attempt does not count any more. Final, whatever comes after it and whatever came before. */
export const VoidData = tryFirst(voidData, readPlainVoid);

export const ingestResultCompleted = defineEvent({
  type: 'ingest.result.completed.v1',
  subject: 'ingest.result.completed',
  data: ResultData,
  description: 'A learner finished a graded task.',
});
export const ingestResultRegraded = defineEvent({
  type: 'ingest.result.regraded.v1',
  subject: 'ingest.result.regraded',
  data: ResultData,
  description: 'An attempt was graded again; the data replace what was known of it.',
});
export const ingestResultVoided = defineEvent({
  type: 'ingest.result.voided.v1',
  subject: 'ingest.result.voided',
  data: VoidData,
  description: 'An attempt was declared void for good.',
});
