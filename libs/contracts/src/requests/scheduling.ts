import { z } from 'zod';
import { defineRequest, QUESTION_TIMEOUT_MS } from './definition.ts';
import { count, instant, limit, REPLY_ITEMS_MAX } from './fields.ts';

const status = z.enum(['offered', 'awaiting', 'lapsed']);

export const schedulingAwaiting = defineRequest({
  subject: 'request.scheduling.awaiting',
  request: z.object({ limit }),
  reply: z.object({
    totals: z.object({ offered: count, awaiting: count, lapsed: count }),
    items: z
      .array(
        z.object({
          lessonId: z.string(),
          packageKind: z.string(),
          status,
          start: instant.describe('Its old start, while it awaits another.'),
          next: z.object({ at: instant, kind: z.string() }),
        }),
      )
      .max(REPLY_ITEMS_MAX)
      .describe('Whose next action comes first, first.'),
  }),
  timeoutMs: QUESTION_TIMEOUT_MS,
  description: 'Lessons that await a new time, with what happens next if nobody acts.',
});
