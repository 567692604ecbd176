import { Identifier } from '@schoolbell/contracts';
import { requireScope, type HttpServer } from '@schoolbell/service-kit';
import { z } from 'zod';
import type { DeliveryConfiguration, Destination } from '../destination/compile.ts';
import type { Clock } from '@schoolbell/time';
import type { PrismaClient } from '../generated/client.ts';
import { compose } from '../message/compose.ts';
import { compareJson } from './compare.ts';
import { DestinationParams, findDestination } from './find.ts';

const PREVIEW_MAX = 200;
const COMPARE_MAX = 500;

const Preview = z.object({
  learnerId: z.string(),
  revision: z.int(),
  sentRevision: z.int(),
  body: z.string().nullable().describe('Exactly what would be sent; null when the transform fails on it.'),
  problem: z.string().nullable(),
});
const Compared = z.object({
  learnerId: z.string(),
  verdict: z.enum(['equal', 'different', 'missing', 'transform-failed']),
  revision: z.int().nullable(),
  differences: z.array(z.object({ pointer: z.string(), expected: z.unknown(), actual: z.unknown().optional() })),
});

export interface CutoverRoutesDeps {
  readonly prisma: Pick<PrismaClient, 'wanted'>;
  readonly configuration: () => DeliveryConfiguration;
  readonly clock: Clock;
}

/**
 * For the day of the change of systems: while a destination with `startPaused` waits, its operator sees what would be
 * sent and compares it with what the client's site shows today.
 */
export function cutoverRoutes(app: HttpServer, { prisma, configuration, clock }: CutoverRoutesDeps): void {
  const tags = ['cutover'];
  // Bodies are results.
  const read = requireScope('results:read');
  const SELECT = { key: true, wantedRevision: true, sentRevision: true, body: true } as const;

  function preview(destination: Destination, row: { key: string; wantedRevision: bigint; sentRevision: bigint; body: string }): z.infer<typeof Preview> {
    const [learnerId, revision] = [row.key, Number(row.wantedRevision)];
    const composed = compose(destination, { kind: 'summary', key: learnerId, revision, replayId: null, body: row.body }, clock.now());
    const base = { learnerId, revision, sentRevision: Number(row.sentRevision) };
    return composed.ok ? { ...base, body: composed.body.toString('utf8'), problem: null } : { ...base, body: null, problem: composed.detail };
  }

  app.get(
    '/v1/destinations/:id/preview',
    {
      onRequest: read,
      schema: {
        tags,
        summary: 'What a destination would get, learner by learner',
        params: DestinationParams,
        querystring: z.object({ after: Identifier.optional().describe('`next` of the page before'), limit: z.coerce.number().int().min(1).max(PREVIEW_MAX).default(50) }),
        response: { 200: z.object({ items: z.array(Preview), next: z.string().nullable() }) },
      },
    },
    async (request) => {
      const { after, limit } = request.query;
      const destination = findDestination(configuration(), request, request.params.id);
      const rows = await prisma.wanted.findMany({
        where: { destinationId: destination.id, kind: 'summary', ...(after !== undefined && { key: { gt: after } }) },
        orderBy: { key: 'asc' },
        take: limit,
        select: SELECT,
      });
      const items = rows.map((row) => preview(destination, row));
      return { items, next: items.length === limit ? (items.at(-1)?.learnerId ?? null) : null };
    },
  );

  app.post(
    '/v1/destinations/:id/compare',
    {
      onRequest: read,
      schema: {
        tags,
        summary: 'Compare what would be sent with what the client has',
        description: `For up to ${COMPARE_MAX} learners. What an expectation does not mention is not compared, so it may be the totals only: {"data": {"totals": {"score": 170}}}.`,
        params: DestinationParams,
        body: z.strictObject({ learners: z.array(z.strictObject({ learnerId: Identifier, expected: z.unknown() })).min(1).max(COMPARE_MAX) }),
        response: { 200: z.object({ equal: z.int(), different: z.int(), missing: z.int(), items: z.array(Compared).describe('Those that are not equal.') }) },
      },
    },
    async (request) => {
      const destination = findDestination(configuration(), request, request.params.id);
      const { learners } = request.body;
      const keys = learners.map(({ learnerId }) => learnerId);
      const rows = await prisma.wanted.findMany({ where: { destinationId: destination.id, kind: 'summary', key: { in: keys } }, select: SELECT });
      const byLearner = new Map(rows.map((row) => [row.key, row]));
      const compared = learners.map(({ learnerId, expected }): z.infer<typeof Compared> => {
        const row = byLearner.get(learnerId);
        if (row === undefined) return { learnerId, verdict: 'missing', revision: null, differences: [] };
        const { revision, body, problem } = preview(destination, row);
        if (body === null) return { learnerId, verdict: 'transform-failed', revision, differences: [{ pointer: '', expected, actual: problem }] };
        const differences = compareJson(expected, JSON.parse(body));
        return { learnerId, verdict: differences.length === 0 ? 'equal' : 'different', revision, differences };
      });
      const count = (verdict: string): number => compared.filter((entry) => entry.verdict === verdict).length;
      return {
        equal: count('equal'),
        different: count('different') + count('transform-failed'),
        missing: count('missing'),
        items: compared.filter(({ verdict }) => verdict !== 'equal'),
      };
    },
  );
}
