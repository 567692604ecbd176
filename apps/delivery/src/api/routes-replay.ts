import { resultsSummariesRepublish } from '@schoolbell/contracts';
import { Problem, requireScope, type Database, type HttpServer } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';
import { z } from 'zod';
import type { DeliveryConfiguration } from '../destination/compile.ts';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import type { PrismaClient } from '../generated/client.ts';
import { ReplayFilter } from '../replay/filter.ts';
import type { ReplayRunner } from '../replay/runner.ts';
import { countMatches, insertReplay, replayOne } from '../replay/store.ts';
import { text, textOrNull } from './destinations.ts';
import { DestinationParams, findDestination, RowKey, rowOf } from './find.ts';

const REPLAYS_SHOWN = 50;

const ReplayView = z.object({
  id: z.uuid(),
  destinationId: z.string(),
  requestedBy: z.string(),
  state: z.enum(['running', 'done']),
  matched: z.int(),
  released: z.int().describe('Rows that were made due so far.'),
  createdAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
});

/** Asks results to tell the newest summary of every learner again; rejects when nobody answers. */
export type Republish = (payload: { organizationId: string; dryRun: boolean }) => Promise<{ learners: number }>;

export interface ReplayRoutesDeps {
  readonly db: Database;
  readonly prisma: Pick<PrismaClient, 'replay'>;
  readonly configuration: () => DeliveryConfiguration;
  readonly dispatcher: Dispatcher;
  readonly runner: ReplayRunner;
  readonly republish: Republish;
  readonly clock: Clock;
}

/** Sending again: one row, a filter, everything of an organization. */
export function replayRoutes(app: HttpServer, { db, prisma, configuration, dispatcher, runner, republish, clock }: ReplayRoutesDeps): void {
  const tags = ['replay'];
  const act = requireScope('delivery:replay');

  app.post(
    '/v1/destinations/:id/retry',
    {
      onRequest: act,
      schema: {
        tags,
        summary: 'Send the newest revision of one learner (or rating) again, now',
        description: 'Also when it was delivered. It gets a webhook-id of its own, so that the receiver does not take it for what it has seen.',
        params: DestinationParams,
        body: RowKey,
        response: { 202: z.object({ replayId: z.uuid(), revision: z.int() }) },
      },
    },
    async (request, reply) => {
      const { id } = findDestination(configuration(), request, request.params.id);
      const replayed = await replayOne(db, { destinationId: id, ...rowOf(request.body) }, clock.now());
      if (replayed === undefined) {
        throw new Problem({ status: 404, code: 'row-unknown', title: 'Nothing was ever wanted here under this key.' });
      }
      dispatcher.line(id)?.wake();
      return reply.code(202).send(replayed);
    },
  );

  app.post(
    '/v1/destinations/:id/replay',
    {
      onRequest: act,
      schema: {
        tags,
        summary: 'Send again what a filter meets, however much it is; as a dry run only count it',
        description: 'Rows become due under one replay id and leave at the rate and concurrency of the destination. GET /v1/replays shows how far it is.',
        params: DestinationParams,
        body: z.strictObject({ filter: ReplayFilter, dryRun: z.boolean().default(true) }),
        response: {
          200: z.object({ dryRun: z.literal(true), matched: z.int() }),
          202: z.object({ dryRun: z.literal(false), matched: z.int(), replayId: z.uuid() }),
        },
      },
    },
    async (request, reply) => {
      const { id } = findDestination(configuration(), request, request.params.id);
      const { filter, dryRun } = request.body;
      const matched = await countMatches(db, id, filter);
      if (dryRun) return { dryRun, matched };
      const replay = { destinationId: id, filter, requestedBy: request.token?.name ?? 'nobody', matched };
      const replayId = await insertReplay(db, replay, clock.now());
      runner.kick();
      return reply.code(202).send({ dryRun, matched, replayId });
    },
  );

  app.get(
    '/v1/replays',
    {
      onRequest: requireScope('delivery:read'),
      schema: {
        tags,
        summary: `The last ${REPLAYS_SHOWN} replays and how far they are`,
        response: { 200: z.object({ items: z.array(ReplayView) }) },
      },
    },
    async ({ token }) => {
      const rows = await prisma.replay.findMany({ orderBy: { createdAt: 'desc' }, take: REPLAYS_SHOWN, omit: { filter: true, afterKind: true, afterKey: true } });
      const { destinations } = configuration();
      const allowed = rows.filter(({ destinationId }) => {
        const organization = destinations.get(destinationId)?.organizationId;
        return token?.organizations === undefined || (organization !== undefined && token.organizations.has(organization));
      });
      return {
        items: allowed.map((row) => ({ ...row, state: row.state as 'running' | 'done', createdAt: text(row.createdAt), finishedAt: textOrNull(row.finishedAt) })),
      };
    },
  );

  app.post(
    '/v1/destinations/:id/send-all',
    {
      onRequest: act,
      schema: {
        tags,
        summary: 'Have results tell the newest summary of every learner, for a new destination',
        description: 'Other destinations of the organization, which have these revisions, get nothing twice. As a dry run it counts the learners.',
        params: DestinationParams,
        body: z.strictObject({ dryRun: z.boolean().default(true) }),
        response: { 200: z.object({ dryRun: z.boolean(), learners: z.int() }) },
      },
    },
    async (request) => {
      const { organizationId } = findDestination(configuration(), request, request.params.id);
      const { dryRun } = request.body;
      const { learners } = await republish({ organizationId, dryRun }).catch((cause: unknown) => {
        throw new Problem({
          status: 503,
          code: 'results-unavailable',
          title: 'The service results does not answer.',
          detail: `Nothing was asked for, as far as is known. See that results and NATS run, and send the same request again. (${resultsSummariesRepublish.subject}: ${cause instanceof Error ? cause.message : String(cause)})`,
          headers: { 'retry-after': '5' },
          cause,
        });
      });
      return { dryRun, learners };
    },
  );
}
