import { Identifier, Slug } from '@schoolbell/contracts';
import { Problem, requireScope, type Database, type HttpServer } from '@schoolbell/service-kit';
import { z } from 'zod';
import type { DeliveryConfiguration } from '../destination/compile.ts';
import type { PrismaClient } from '../generated/client.ts';
import { webhookId } from '../message/webhook-id.ts';
import { text, textOrNull } from './destinations.ts';
import { DestinationParams, findDestination } from './find.ts';
import { decodeCursor, encodeCursor, listUndelivered, placeOf, UNDELIVERED_STATES, UndeliveredRow } from './undelivered.ts';

const PAGE_MAX = 500;
const limit = z.coerce.number().int().min(1).max(PAGE_MAX).default(50);

const AttemptView = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  destinationId: z.string(),
  kind: z.enum(['summary', 'rating', 'test']),
  key: z.string(),
  revision: z.int(),
  webhookId: z.string(),
  outcome: z.string(),
  status: z.int().nullable(),
  durationMs: z.int(),
  detail: z.string(),
  answer: z.string(),
});

const LearnerView = z.object({
  destinationId: z.string(),
  learnerId: z.string(),
  wantedRevision: z.int(),
  confirmedRevision: z.int().describe('The greatest revision that the destination has answered 2xx; 0 is none.'),
  confirmedAt: z.iso.datetime().nullable(),
  upToDate: z.boolean(),
  state: z.enum(['delivered', ...UNDELIVERED_STATES]),
  webhookId: z.string().describe('Of the wanted revision.'),
});

export interface UndeliveredRoutesDeps {
  readonly db: Database;
  readonly prisma: Pick<PrismaClient, 'attempt' | 'wanted'>;
  readonly configuration: () => DeliveryConfiguration;
}

/** What is not delivered, what was tried, and what a destination has confirmed. */
export function undeliveredRoutes(app: HttpServer, { db, prisma, configuration }: UndeliveredRoutesDeps): void {
  const tags = ['delivery'];
  const read = requireScope('delivery:read');

  /** Destinations that a token may see; null is all. */
  const visible = (organizations: ReadonlySet<string> | undefined): string[] | null =>
    organizations === undefined
      ? null
      : [...configuration().destinations.values()].filter(({ organizationId }) => organizations.has(organizationId)).map(({ id }) => id);

  app.get(
    '/v1/undelivered',
    {
      onRequest: read,
      schema: {
        tags,
        summary: 'Everything that is wanted at a destination and not delivered',
        querystring: z.object({
          destination: Slug.optional(),
          state: z.enum(UNDELIVERED_STATES).optional(),
          kind: z.enum(['summary', 'rating']).optional(),
          learner: Identifier.optional(),
          after: z.string().max(1_000).optional().describe('`next` of the page before'),
          limit,
        }),
        response: { 200: z.object({ items: z.array(UndeliveredRow), next: z.string().nullable() }) },
      },
    },
    async ({ query, token }) => {
      const after = decodeCursor(query.after);
      if (after === undefined) throw new Problem({ status: 400, code: 'cursor-invalid', title: 'The cursor is not one of ours.' });
      const kind = query.learner === undefined ? (query.kind ?? null) : 'summary';
      const filter = { destinationId: query.destination ?? null, state: query.state ?? null, kind, key: query.learner ?? null };
      const items = await listUndelivered(db, filter, { after, limit: query.limit, destinations: visible(token?.organizations) });
      const last = items.at(-1);
      return { items, next: last !== undefined && items.length === query.limit ? encodeCursor(last) : null };
    },
  );

  app.get(
    '/v1/attempts',
    {
      onRequest: read,
      schema: {
        tags,
        summary: 'Requests of the last 30 days, newest first',
        querystring: z.object({
          destination: Slug.optional(),
          learner: Identifier.optional(),
          outcome: z.string().regex(/^[a-z-]{1,32}$/).optional(),
          after: z.string().regex(/^\d{1,18}$/).optional().describe('`next` of the page before'),
          limit,
        }),
        response: { 200: z.object({ items: z.array(AttemptView), next: z.string().nullable() }) },
      },
    },
    async ({ query, token }) => {
      const allowed = visible(token?.organizations);
      const rows = await prisma.attempt.findMany({
        where: {
          AND: [
            query.destination === undefined ? {} : { destinationId: query.destination },
            allowed === null ? {} : { destinationId: { in: allowed } },
          ],
          ...(query.learner !== undefined && { key: query.learner, kind: { not: 'rating' } }),
          ...(query.outcome !== undefined && { outcome: query.outcome }),
          ...(query.after !== undefined && { id: { lt: BigInt(query.after) } }),
        },
        orderBy: { id: 'desc' },
        take: query.limit,
        omit: { day: true },
      });
      const items = rows.map((row) => ({
        ...row,
        id: String(row.id),
        at: text(row.at),
        kind: row.kind as z.infer<typeof AttemptView>['kind'],
        revision: Number(row.revision),
      }));
      return { items, next: items.length === query.limit ? (items.at(-1)?.id ?? null) : null };
    },
  );

  app.get(
    '/v1/destinations/:id/learners/:learnerId',
    {
      onRequest: read,
      schema: {
        tags,
        summary: 'Which revision of a learner’s summary the destination has confirmed, and which is the newest',
        params: DestinationParams.extend({ learnerId: Identifier }),
        response: { 200: LearnerView },
      },
    },
    async (request) => {
      const { id, learnerId } = request.params;
      const destination = findDestination(configuration(), request, id);
      const row = await prisma.wanted.findUnique({
        where: { destinationId_kind_key: { destinationId: id, kind: 'summary', key: learnerId } },
        omit: { body: true },
      });
      if (row === null) {
        const detail = 'Results has told nothing about this learner since the destination was added; send-all asks it to.';
        throw new Problem({ status: 404, code: 'learner-unknown', title: 'Nothing was ever wanted here for this learner.', detail });
      }
      const revision = Number(row.wantedRevision);
      const transformVersion = destination.compiled?.version ?? '';
      return {
        destinationId: id,
        learnerId,
        wantedRevision: revision,
        confirmedRevision: Number(row.sentRevision),
        confirmedAt: textOrNull(row.sentAt),
        upToDate: row.sentRevision >= row.wantedRevision,
        state: placeOf(row),
        webhookId: webhookId({ destinationId: id, kind: 'summary', key: learnerId, revision, transformVersion, replayId: row.replayId }),
      };
    },
  );
}
