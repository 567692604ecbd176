import { z } from 'zod';
import { Slug } from '../identifiers.ts';
import { COMMAND_TIMEOUT_MS, defineRequest, QUESTION_TIMEOUT_MS } from './definition.ts';
import { by, count, instant, limit, REPLY_ITEMS_MAX, replyText } from './fields.ts';

export const ingestQuarantine = defineRequest({
  subject: 'request.ingest.quarantine',
  request: z.object({ source: Slug.optional(), limit }),
  reply: z.object({
    total: count,
    items: z
      .array(z.object({ id: z.string(), source: z.string(), reason: z.string(), fault: replyText, times: count, receivedAt: instant }))
      .max(REPLY_ITEMS_MAX),
  }),
  timeoutMs: QUESTION_TIMEOUT_MS,
  description: 'Quarantined webhooks that are open, oldest first. Never their bodies.',
});

/** Rows that were replayed before are left alone, so asking twice does no harm. */
export const ingestQuarantineReplay = defineRequest({
  subject: 'request.ingest.quarantine-replay',
  request: z.object({ source: Slug.optional(), dryRun: z.boolean(), by }),
  reply: z.object({
    matching: count.describe('Open ones before this call.'),
    outcomes: z.record(z.string(), count),
    left: count.describe('Not looked at in the time that was there: ask again.'),
  }),
  timeoutMs: COMMAND_TIMEOUT_MS,
  description: 'Judge quarantined webhooks by the configuration of today, and unless dryRun take in what is valid now.',
});

export const ingestActivity = defineRequest({
  subject: 'request.ingest.activity',
  request: z.object({ since: instant }),
  reply: z.object({ accepted: count, quarantined: count.describe('Open ones, whenever they came.') }),
  timeoutMs: COMMAND_TIMEOUT_MS,
  description: 'What was received since an instant, for the daily digest.',
});
