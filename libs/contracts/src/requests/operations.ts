import { z } from 'zod';
import { Slug } from '../identifiers.ts';
import { COMMAND_TIMEOUT_MS, defineRequest, ofEachService, QUESTION_TIMEOUT_MS } from './definition.ts';
import { by, count, instant, limit, REPLY_ITEMS_MAX, replyText } from './fields.ts';

const durable = Slug.describe('Durable consumer.');
const state = z.enum(['ok', 'degraded', 'down']);

/** How a service is: what `/health/ready` says, and what waits in front of it and behind it. */
export const statusRequests = ofEachService((service) =>
  defineRequest({
    subject: `request.${service}.status`,
    request: z.object({}),
    reply: z.object({
      status: state,
      checks: z.array(z.object({ name: z.string(), state, detail: replyText.optional() })).max(REPLY_ITEMS_MAX),
      lags: z
        .array(
          z.object({
            name: z.string().describe('Durable consumer, or stream.'),
            kind: z.enum(['consumer', 'outbox']),
            waiting: count.nullable().describe('Null: NATS or Postgres did not say in time.'),
          }),
        )
        .max(REPLY_ITEMS_MAX),
      deadLetters: count.nullable(),
    }),
    timeoutMs: QUESTION_TIMEOUT_MS,
    description: `How one replica of ${service} is: its checks, what waits for it and for its streams, its open dead letters.`,
  }),
);

/** Events that a service could not handle, oldest first. */
export const deadLettersRequests = ofEachService((service) =>
  defineRequest({
    subject: `request.${service}.dead-letters`,
    request: z.object({ durable: durable.optional(), limit }),
    reply: z.object({
      total: count,
      items: z
        .array(z.object({ id: z.string(), durable: z.string(), type: z.string(), code: z.string(), detail: replyText, createdAt: instant }))
        .max(REPLY_ITEMS_MAX),
    }),
    timeoutMs: QUESTION_TIMEOUT_MS,
    description: `Open dead letters of ${service}, oldest first.`,
  }),
);

/** Handle dead letters again; those that were handled before are left alone, so asking twice does no harm. */
export const deadLettersReplayRequests = ofEachService((service) =>
  defineRequest({
    subject: `request.${service}.dead-letters-replay`,
    request: z.object({ durable: durable.optional(), dryRun: z.boolean(), by }),
    reply: z.object({
      matching: count.describe('Open ones before this call.'),
      replayed: count,
      refused: count.describe('Still cannot be handled.'),
      left: count.describe('Not looked at in the time that was there: ask again.'),
    }),
    timeoutMs: COMMAND_TIMEOUT_MS,
    description: `Count, and unless dryRun handle again, the open dead letters of ${service}.`,
  }),
);
