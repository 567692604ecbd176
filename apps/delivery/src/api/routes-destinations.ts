import { Problem, requireOrganization, requireScope, type Database, type HttpServer } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';
import { z } from 'zod';
import type { DeliveryConfiguration } from '../destination/compile.ts';
import type { Attempted } from '../dispatch/delivery.ts';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import type { PrismaClient } from '../generated/client.ts';
import { countWaiting } from '../watch/store.ts';
import type { Control } from './control.ts';
import { describeDestination, DestinationView } from './destinations.ts';
import { DestinationParams, findDestination, unknownDestination } from './find.ts';
import { testSend, TestSendResult } from './test-send.ts';

const REASON_MAX_LENGTH = 300;
const Reason = z.strictObject({ reason: z.string().min(1).max(REASON_MAX_LENGTH).optional() }).nullish();

export interface DestinationRoutesDeps {
  readonly db: Database;
  readonly prisma: Pick<PrismaClient, 'destination'>;
  readonly configuration: () => DeliveryConfiguration;
  readonly control: Control;
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  readonly onAttempt: (attempted: Attempted) => void;
}

/** The destinations: how they are, pause and resume, a test message. */
export function destinationRoutes(app: HttpServer, deps: DestinationRoutesDeps): void {
  const { db, prisma, configuration, control, dispatcher, clock } = deps;
  const tags = ['destinations'];
  const read = requireScope('delivery:read');
  const act = requireScope('delivery:control');

  async function show(id: string): Promise<DestinationView> {
    const [row, [waiting]] = await Promise.all([prisma.destination.findUnique({ where: { id } }), countWaiting(db, [id])]);
    if (row === null) throw unknownDestination(id);
    return describeDestination(row, waiting, configuration().destinations.get(id));
  }

  app.get(
    '/v1/destinations',
    {
      onRequest: read,
      schema: {
        tags,
        summary: 'All destinations with their state, also those that are configured no more',
        response: { 200: z.object({ items: z.array(DestinationView) }) },
      },
    },
    async ({ token }) => {
      const rows = await prisma.destination.findMany({ orderBy: { id: 'asc' } });
      const visible = rows.filter(({ organizationId }) => token?.organizations?.has(organizationId) !== false);
      const waiting = new Map((await countWaiting(db, visible.map(({ id }) => id))).map((entry) => [entry.id, entry]));
      const { destinations } = configuration();
      return { items: visible.map((row) => describeDestination(row, waiting.get(row.id), destinations.get(row.id))) };
    },
  );

  app.get(
    '/v1/destinations/:id',
    { onRequest: read, schema: { tags, summary: 'One destination with its state', params: DestinationParams, response: { 200: DestinationView } } },
    async (request) => {
      const view = await show(request.params.id);
      requireOrganization(request, view.organizationId);
      return view;
    },
  );

  for (const action of ['pause', 'resume'] as const) {
    app.post(
      `/v1/destinations/:id/${action}`,
      {
        onRequest: act,
        schema: {
          tags,
          summary:
            action === 'pause'
              ? 'Send nothing until somebody resumes; what is wanted is kept'
              : 'Send again after a pause, a 410 or a cutover: everything that waits is due, beginning carefully',
          params: DestinationParams,
          body: Reason,
          response: { 200: DestinationView },
        },
      },
      async (request) => {
        const { id } = findDestination(configuration(), request, request.params.id);
        const by = request.token?.name ?? 'nobody';
        const reason = request.body?.reason ?? `${action}d by ${by}`;
        if ((await control[action](id, reason)) === undefined) throw unknownDestination(id);
        dispatcher.line(id)?.wake();
        return show(id);
      },
    );
  }

  app.post(
    '/v1/destinations/:id/test-send',
    {
      onRequest: act,
      schema: {
        tags,
        summary: 'Send a signed sample summary now and show the answer',
        description: 'Goes through transform, signature and address guard like any message, also while the destination is paused. It has the header `schoolbell-test: true` and counts for nothing.',
        params: DestinationParams,
        response: { 200: TestSendResult },
      },
    },
    async (request) => {
      const destination = findDestination(configuration(), request, request.params.id);
      const sender = dispatcher.sender(destination.id);
      if (sender === undefined) {
        throw new Problem({ status: 503, code: 'not-ready', title: 'The service takes no work now.', headers: { 'retry-after': '1' } });
      }
      return testSend(destination, sender, { clock, log: deps.onAttempt });
    },
  );
}
