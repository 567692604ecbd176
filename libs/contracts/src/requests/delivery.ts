import { z } from 'zod';
import { Identifier, Slug } from '../identifiers.ts';
import { COMMAND_TIMEOUT_MS, defineRequest, QUESTION_TIMEOUT_MS } from './definition.ts';
import { by, count, instant, limit, REPLY_ITEMS_MAX, replyText } from './fields.ts';

const destinationState = z.enum(['active', 'paused', 'disabled']);
const place = z.enum(['delivered', 'due', 'leased', 'parked']);

export const deliveryDestinations = defineRequest({
  subject: 'request.delivery.destinations',
  request: z.object({}),
  reply: z.object({
    total: count,
    items: z
      .array(
        z.object({
          id: z.string(),
          state: destinationState,
          stateReason: replyText,
          circuit: z.enum(['closed', 'open']),
          circuitReason: replyText,
          holdUntil: instant.nullable(),
          due: count,
          inFlight: count,
          parked: count,
          oldestSince: instant.nullable(),
        }),
      )
      .max(REPLY_ITEMS_MAX)
      .describe('Those that are not well first.'),
  }),
  timeoutMs: QUESTION_TIMEOUT_MS,
  description: 'The configured destinations: state, circuit, what waits.',
});

export const deliveryUndelivered = defineRequest({
  subject: 'request.delivery.undelivered',
  request: z.object({ destinationId: Slug.optional(), limit }),
  reply: z.object({
    total: count,
    items: z
      .array(
        z.object({
          destinationId: z.string(),
          kind: z.enum(['summary', 'rating']),
          key: z.string(),
          state: z.enum(['due', 'leased', 'parked']),
          wantedRevision: count,
          sentRevision: count,
          wantedSince: instant,
          nextAttemptAt: instant.nullable(),
          attempts: count,
          lastFailure: replyText.nullable(),
        }),
      )
      .max(REPLY_ITEMS_MAX),
  }),
  timeoutMs: QUESTION_TIMEOUT_MS,
  description: 'What is wanted and not delivered.',
});

export const deliveryLearner = defineRequest({
  subject: 'request.delivery.learner',
  request: z.object({ learnerId: Identifier }),
  reply: z.object({
    items: z
      .array(z.object({ destinationId: z.string(), wantedRevision: count, confirmedRevision: count, confirmedAt: instant.nullable(), state: place }))
      .max(REPLY_ITEMS_MAX),
  }),
  timeoutMs: QUESTION_TIMEOUT_MS,
  description: "Per destination: the newest revision of a learner's summary, and the last one that the destination confirmed.",
});

/** Pausing what is paused, and resuming what is active, changes nothing that hurts: asking twice does no harm. */
export const deliveryControl = defineRequest({
  subject: 'request.delivery.control',
  request: z.object({
    destinationId: Slug.optional().describe('Absent: every configured destination.'),
    action: z.enum(['pause', 'resume']),
    by,
  }),
  reply: z.object({ changed: count, total: count }),
  timeoutMs: COMMAND_TIMEOUT_MS,
  description: 'Pause or resume one destination, or all of them.',
});

export const deliveryReplay = defineRequest({
  subject: 'request.delivery.replay',
  request: z.object({
    destinationId: Slug,
    state: z.enum(['parked', 'undelivered', 'all']),
    learnerId: Identifier.optional(),
    dryRun: z.boolean(),
    by,
    key: z.uuid().describe('Id of the replay: asked again with the same key, nothing is sent twice.'),
  }),
  reply: z.object({ matched: count }),
  timeoutMs: COMMAND_TIMEOUT_MS,
  description: 'Count, and unless dryRun send again, what a destination has not confirmed, or all that was ever wanted there.',
});

export const deliveryActivity = defineRequest({
  subject: 'request.delivery.activity',
  request: z.object({ since: instant }),
  reply: z.object({ delivered: count, failed: count.describe('Requests that were not answered 2xx.'), undelivered: count, parked: count }),
  timeoutMs: COMMAND_TIMEOUT_MS,
  description: 'What was delivered since an instant and what waits now, for the daily digest.',
});
