import { Identifier } from '@schoolbell/contracts';
import type { ReceivedEvent } from '@schoolbell/messaging';
import { requireOrganization, requireScope, type Database, type HttpServer, type ProblemError } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';
import { z } from 'zod';
import type { Fold } from '../fold/fold.ts';
import { readLine } from './line.ts';

/** Lines of one request: one transaction of the fold each, short enough that webhooks never wait long for a learner. */
export const IMPORT_BATCH_MAX = 500;
const BODY_MAX_BYTES = 2 * 1024 * 1024;

const Rejected = z.object({
  index: z.int().describe('Place of the line in the request, from 0.'),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })),
});

export interface ImportRoutesDeps {
  readonly db: Database;
  readonly fold: Fold;
  readonly clock: Clock;
  readonly wake: () => void;
}

/** Taking over a history of results: the same fold as for webhooks, a batch per request, harmless to repeat. */
export function importRoutes(app: HttpServer, { db, fold, clock, wake }: ImportRoutesDeps): void {
  app.post(
    '/v1/import/batches',
    {
      onRequest: requireScope('results:import'),
      bodyLimit: BODY_MAX_BYTES,
      schema: {
        tags: ['import'],
        summary: 'Take over a part of a history of results',
        description:
          'Each line is a webhook as the platform would have sent it, or the data of a completed attempt alone. Bad lines are named and left out, the others are committed together. Sending a batch again changes nothing.',
        body: z.object({
          lines: z.array(z.unknown()).min(1).max(IMPORT_BATCH_MAX),
          organizationId: Identifier.optional().describe('Of lines that name none.'),
          dryRun: z.boolean().default(false).describe('Only check the lines, and whether their organizations are configured.'),
        }),
        response: { 200: z.object({ accepted: z.int(), rejected: z.array(Rejected) }) },
      },
    },
    async (request) => {
      const { lines, organizationId, dryRun } = request.body;
      const nowMs = clock.now();
      const rejected: { index: number; errors: ProblemError[] }[] = [];
      const events: ReceivedEvent[] = [];
      const indexes = new Map<ReceivedEvent, number>();
      for (const [index, line] of lines.entries()) {
        const read = readLine(line, { organizationId, nowMs });
        if (!read.ok) {
          rejected.push({ index, errors: [...read.errors] });
          continue;
        }
        requireOrganization(request, (read.event.data as { organizationId: string }).organizationId);
        indexes.set(read.event, index);
        events.push(read.event);
      }
      if (events.length > 0) {
        const refusals = await db.transaction((tx) => (dryRun ? fold.foresee(tx, events) : fold.apply(tx, events)));
        for (const { event, code, detail } of refusals) rejected.push({ index: indexes.get(event)!, errors: [{ pointer: '', detail: `${code}: ${detail}` }] });
        if (!dryRun) wake();
      }
      rejected.sort((a, b) => a.index - b.index);
      return { accepted: lines.length - rejected.length, rejected };
    },
  );
}
