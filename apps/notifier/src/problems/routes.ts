import { ALERT_KINDS, SERVICE_NAMES } from '@schoolbell/contracts';
import { Problem, requireScope, type Database, type HttpServer } from '@schoolbell/service-kit';
import { z } from 'zod';
import type { Attendant, Attended } from './attendant.ts';
import type { Catalog } from './catalog.ts';

const PAGE_MAX = 200;
const MUTE_MAX_MINUTES = 10_080;
const Id = z.string().regex(/^\d{1,18}$/, 'a number');

const AlertView = z.object({
  id: z.string(),
  fingerprint: z.string().describe('Alerts of one fingerprint are one problem.'),
  kind: z.string(),
  service: z.string(),
  severity: z.string(),
  title: z.string(),
  detail: z.string().describe('Of the newest alert.'),
  labels: z.record(z.string(), z.string()),
  state: z.string(),
  alerts: z.int().describe('Alerts since `firstAt`.'),
  untold: z.int().describe('Those of them that no message has counted yet.'),
  firstAt: z.iso.datetime(),
  lastAt: z.iso.datetime(),
  resolvedAt: z.iso.datetime().nullable(),
  toldAt: z.iso.datetime().nullable().describe('When a message was last queued.'),
  acknowledgedAt: z.iso.datetime().nullable(),
  acknowledgedBy: z.string().nullable().describe('Name of the token, or of the user of Telegram.'),
  mutedUntil: z.iso.datetime().nullable(),
  escalations: z.int().describe('Escalation chats that were told.'),
});
const HistoryEntry = z.object({ eventId: z.string(), state: z.string(), detail: z.string(), at: z.iso.datetime() });

export interface ProblemRoutesDeps {
  readonly db: Database;
  readonly catalog: Catalog;
  readonly attendant: Attendant;
}

/** What is wrong now, and what was. */
export function problemRoutes(app: HttpServer, deps: ProblemRoutesDeps): void {
  const tags = ['alerts'];

  app.get(
    '/v1/alerts',
    {
      onRequest: requireScope('alerts:read'),
      schema: {
        tags,
        summary: 'Problems, grouped by fingerprint, newest first',
        querystring: z.object({
          state: z.enum(['firing', 'resolved']).optional(),
          severity: z.enum(['critical', 'warning']).optional(),
          kind: z.enum(ALERT_KINDS).optional(),
          service: z.enum(SERVICE_NAMES).optional(),
          after: Id.optional().describe('`next` of the page before'),
          limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(50),
        }),
        response: { 200: z.object({ items: z.array(AlertView), next: z.string().nullable() }) },
      },
    },
    async ({ query: { after, ...filter } }) => {
      const items = await deps.catalog.list({ ...filter, before: after === undefined ? undefined : BigInt(after) });
      return { items, next: items.length === filter.limit ? (items.at(-1)?.id ?? null) : null };
    },
  );

  app.get(
    '/v1/alerts/:id',
    {
      onRequest: requireScope('alerts:read'),
      schema: {
        tags,
        summary: 'One problem with its newest alerts',
        params: z.object({ id: Id }),
        response: { 200: AlertView.extend({ history: z.array(HistoryEntry) }) },
      },
    },
    async ({ params: { id } }) => {
      const found = await deps.catalog.find(BigInt(id));
      if (found !== undefined) return found;
      throw unknown();
    },
  );

  app.post(
    '/v1/alerts/:id/acknowledge',
    {
      onRequest: requireScope('alerts:control'),
      schema: { tags, summary: 'Take a problem in hand: this episode is not escalated', params: z.object({ id: Id }), response: { 200: AlertView } },
    },
    async ({ params: { id }, token }) => shown(id, await deps.db.transaction((tx) => deps.attendant.acknowledge(tx, BigInt(id), { by: token?.name ?? 'unknown' }))),
  );

  app.post(
    '/v1/alerts/:id/mute',
    {
      onRequest: requireScope('alerts:control'),
      schema: {
        tags,
        summary: 'Tell nothing of a problem but its end, for so long; 0 unmutes',
        params: z.object({ id: Id }),
        body: z.object({ minutes: z.int().min(0).max(MUTE_MAX_MINUTES).default(60) }),
        response: { 200: AlertView },
      },
    },
    async ({ params: { id }, body: { minutes }, token }) => shown(id, await deps.db.transaction((tx) => deps.attendant.mute(tx, BigInt(id), { by: token?.name ?? 'unknown' }, minutes))),
  );

  async function shown(id: string, { kind }: Attended) {
    if (kind === 'over') throw new Problem({ status: 409, code: 'alert-over', title: 'The problem is over.', detail: 'There is nothing left to acknowledge.' });
    const found = kind === 'unknown' ? undefined : await deps.catalog.find(BigInt(id));
    if (found === undefined) throw unknown();
    return found;
  }
}

const unknown = (): Problem => new Problem({ status: 404, code: 'alert-unknown', title: 'No such alert.', detail: 'List them at /v1/alerts.' });
