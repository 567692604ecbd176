import { Identifier } from '@schoolbell/contracts';
import { requireScope, type HttpServer } from '@schoolbell/service-kit';
import { z } from 'zod';
import type { DeliveryConfiguration, Destination } from '../destination/compile.ts';
import type { Clock } from '@schoolbell/time';
import type { PrismaClient } from '../generated/client.ts';
import { compose, type Composed } from '../message/compose.ts';
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
  verdict: z.enum(['equal', 'different', 'missing', 'transform-failed', 'not-compared']),
  revision: z.int().nullable(),
  differences: z.array(z.object({ pointer: z.string(), expected: z.unknown(), actual: z.unknown().optional() })),
});

interface Row {
  readonly key: string;
  readonly wantedRevision: bigint;
  readonly sentRevision: bigint;
  readonly body: string;
}

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

  /** A transform holds the process up for as long as it takes, so everything else has its turn before each. */
  async function composeRow(destination: Destination, row: Row): Promise<Composed> {
    await new Promise(setImmediate);
    return compose(destination, { kind: 'summary', key: row.key, revision: Number(row.wantedRevision), replayId: null, body: row.body }, clock.now());
  }
  /** After one that does not come to an end in time nothing more is tried: hundreds of them would take minutes. */
  const isEndless = (composed: Composed): boolean => !composed.ok && composed.code === 'transform-timeout';

  function preview(row: Row, composed: Composed): z.infer<typeof Preview> {
    const base = { learnerId: row.key, revision: Number(row.wantedRevision), sentRevision: Number(row.sentRevision) };
    return composed.ok ? { ...base, body: composed.body.toString('utf8'), problem: null } : { ...base, body: null, problem: composed.detail };
  }

  function compared(row: Row, composed: Composed, expected: unknown): z.infer<typeof Compared> {
    const [learnerId, revision] = [row.key, Number(row.wantedRevision)];
    if (!composed.ok) return { learnerId, verdict: 'transform-failed', revision, differences: [{ pointer: '', expected, actual: composed.detail }] };
    const differences = compareJson(expected, JSON.parse(composed.body.toString('utf8')));
    return { learnerId, verdict: differences.length === 0 ? 'equal' : 'different', revision, differences };
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
        response: {
          200: z.object({
            items: z.array(Preview),
            next: z.string().nullable(),
            stopped: z.boolean().describe('True: on the last of these the transform did not end in time, and nothing was tried after it; `next` goes on behind it.'),
          }),
        },
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
      const items: z.infer<typeof Preview>[] = [];
      let stopped = false;
      for (const row of rows) {
        const composed = await composeRow(destination, row);
        items.push(preview(row, composed));
        stopped = isEndless(composed);
        if (stopped) break;
      }
      return { items, next: stopped || items.length === limit ? (items.at(-1)?.learnerId ?? null) : null, stopped };
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
        response: {
          200: z.object({
            equal: z.int(),
            different: z.int(),
            missing: z.int(),
            notCompared: z.int().describe('Those after one on which the transform did not end in time: it is not tried any further.'),
            items: z.array(Compared).describe('Those that are not equal.'),
          }),
        },
      },
    },
    async (request) => {
      const destination = findDestination(configuration(), request, request.params.id);
      const { learners } = request.body;
      const keys = learners.map(({ learnerId }) => learnerId);
      const rows = await prisma.wanted.findMany({ where: { destinationId: destination.id, kind: 'summary', key: { in: keys } }, select: SELECT });
      const byLearner = new Map(rows.map((row) => [row.key, row]));
      const entries: z.infer<typeof Compared>[] = [];
      let stopped = false;
      for (const { learnerId, expected } of learners) {
        const row = byLearner.get(learnerId);
        if (row === undefined) entries.push({ learnerId, verdict: 'missing', revision: null, differences: [] });
        else if (stopped) entries.push({ learnerId, verdict: 'not-compared', revision: Number(row.wantedRevision), differences: [] });
        else {
          const composed = await composeRow(destination, row);
          entries.push(compared(row, composed, expected));
          stopped = isEndless(composed);
        }
      }
      const count = (verdict: string): number => entries.filter((entry) => entry.verdict === verdict).length;
      return {
        equal: count('equal'),
        different: count('different') + count('transform-failed'),
        missing: count('missing'),
        notCompared: count('not-compared'),
        items: entries.filter(({ verdict }) => verdict !== 'equal'),
      };
    },
  );
}
