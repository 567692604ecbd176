import { Slug } from '@schoolbell/contracts';
import { Problem, requireScope, type HttpServer } from '@schoolbell/service-kit';
import { z } from 'zod';
import type { QuarantineCatalog } from './catalog.ts';
import { REPLAY_OUTCOMES, type Replayer, type ReplayOutcome, type ReplayResult } from './replay.ts';
import { replayPage } from './replay-many.ts';

const PAGE_MAX = 200;
/** Rows that one call replays; the rest is for the next call, which begins at `next`. */
const REPLAY_PAGE_MAX = 2000;

const Fault = z.object({ pointer: z.string(), detail: z.string() });
const State = z.enum(['open', 'replayed', 'superseded', 'ignored']);
const Outcome = z.enum(REPLAY_OUTCOMES);
const EntryView = z.object({
  id: z.uuid(),
  source: z.string(),
  webhookId: z.string(),
  reason: z.string(),
  errors: z.array(Fault),
  known: z.record(z.string(), z.string()).describe('Canonical fields that are valid by themselves. The body is never shown.'),
  state: State,
  times: z.int().describe('How often these very bytes came.'),
  receivedAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  closedAt: z.iso.datetime().nullable(),
});
const filter = {
  source: Slug.optional(),
  reason: z.string().regex(/^[a-z-]{1,32}$/).optional(),
  receivedFrom: z.iso.datetime().optional(),
  receivedBefore: z.iso.datetime().optional(),
};
const after = z.uuid().optional().describe('`next` of the page before');
const params = z.object({ id: z.uuid() });

export interface QuarantineRoutesDeps {
  readonly catalog: QuarantineCatalog;
  readonly replayer: Replayer;
  /** Something may have been taken in: tell it, and end the alert if nothing is left. */
  readonly replayed: () => Promise<void>;
}

/**
 * Quarantined webhooks: list, show, replay. What is no valid event cannot be trusted to say whose it is: a token that is
 * restricted to organizations sees none.
 */
export function quarantineRoutes(app: HttpServer, { catalog, replayer, replayed }: QuarantineRoutesDeps): void {
  const tags = ['quarantine'];
  const read = requireScope('quarantine:read', { everyOrganization: true });
  const replay = requireScope('quarantine:replay', { everyOrganization: true });

  app.get(
    '/v1/quarantine',
    {
      onRequest: read,
      schema: {
        tags,
        summary: 'Authentic webhooks that are no valid events, oldest first',
        querystring: z.object({ ...filter, state: State.default('open'), after, limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(50) }),
        response: { 200: z.object({ items: z.array(EntryView), next: z.uuid().nullable() }) },
      },
    },
    async ({ query: { after: from, limit, ...where } }) => {
      const items = await catalog.list(where, { after: from, limit });
      return { items: items.map((item) => ({ ...item, known: { ...item.known } })), next: nextOf(items.map(({ id }) => id), limit) };
    },
  );

  app.get(
    '/v1/quarantine/:id',
    { onRequest: read, schema: { tags, summary: 'One of them', params, response: { 200: EntryView } } },
    async ({ params: { id } }) => {
      const entry = await catalog.find(id);
      if (entry === undefined) throw unknownEntry();
      return { ...entry, known: { ...entry.known } };
    },
  );

  app.post(
    '/v1/quarantine/:id/replay',
    {
      onRequest: replay,
      schema: {
        tags,
        summary: 'Judge one again by the configuration of today, and take it in if it is valid now',
        params,
        response: { 200: z.object({ id: z.uuid(), outcome: z.enum(['replayed', 'superseded', 'ignored']) }) },
      },
    },
    async ({ params: { id } }) => {
      const result = await replayer.replay(id, { dryRun: false });
      if (result === undefined) throw unknownEntry();
      await replayed();
      const { outcome } = result;
      if (outcome === 'replayed' || outcome === 'superseded' || outcome === 'ignored') return { id, outcome };
      throw refused(outcome, result);
    },
  );

  app.post(
    '/v1/quarantine/replay',
    {
      onRequest: replay,
      schema: {
        tags,
        summary: 'Replay by filter; as a dry run it says what would happen and changes nothing',
        body: z.strictObject({
          ...filter,
          dryRun: z.boolean().default(true),
          after,
          limit: z.int().min(1).max(REPLAY_PAGE_MAX).default(500),
        }),
        response: {
          200: z.object({
            matching: z.int().describe('Open ones that fit the filter, before this call.'),
            outcomes: z.partialRecord(Outcome, z.int()).describe('Of those that this call looked at.'),
            next: z.uuid().nullable().describe('Where the next call begins; null when all were looked at.'),
          }),
        },
      },
    },
    async ({ body: { dryRun, after: from, limit, ...rest } }) => {
      const { matching, outcomes, ids } = await replayPage({ catalog, replayer, replayed }, rest, { dryRun, after: from, limit });
      return { matching, outcomes, next: nextOf(ids, limit) };
    },
  );
}

function nextOf(ids: readonly string[], limit: number): string | null {
  return ids.length === limit ? (ids.at(-1) ?? null) : null;
}

function unknownEntry(): Problem {
  return new Problem({
    status: 404,
    code: 'quarantine-unknown',
    title: 'There is no such quarantined webhook.',
    detail: 'List them at /v1/quarantine; they are kept for 14 days.',
  });
}

function refused(outcome: Exclude<ReplayOutcome, 'replayed' | 'superseded' | 'ignored'>, { errors }: ReplayResult): Problem {
  switch (outcome) {
    case 'still-invalid':
      return new Problem({
        status: 422,
        code: outcome,
        title: 'It is not valid yet.',
        detail: 'Change the transform or the configuration of the source, reload, and replay again.',
        errors,
      });
    case 'closed-before':
      return new Problem({ status: 409, code: outcome, title: 'It was closed before.', detail: 'See its state at /v1/quarantine/<id>.' });
    case 'source-unknown':
      return new Problem({
        status: 409,
        code: outcome,
        title: 'Its source is not configured any more.',
        detail: 'Put the source back into the configuration, reload, and replay again.',
      });
    case 'undecryptable':
      return new Problem({
        status: 409,
        code: outcome,
        title: 'Its body was encrypted with another key.',
        detail: 'Configure the quarantineKey of the day it was received, reload, and replay again.',
      });
  }
}
