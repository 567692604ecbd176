import { Identifier } from '@schoolbell/contracts';
import { Problem, requireScope, type HttpServer } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';
import { z } from 'zod';
import type { MailboxStatus, MailboxStore } from './mailbox-store.ts';

const PAGE_MAX = 200;
const MailboxView = z.object({
  participantId: z.string(),
  state: z.enum(['ok', 'failing', 'refused']).describe('`failing`: tried again later; `refused`: nothing is sent until the address changes or somebody retries.'),
  address: z.string().nullable().describe('That it is about.'),
  failures: z.int(),
  reason: z.string().nullable().describe("The server's last words about it."),
  since: z.iso.datetime().nullable(),
  waiting: z.int().describe('Notices that wait to be written.'),
  givenUp: z.int().describe('Notices of the last 30 days that could not be sent within three days, and never will be.'),
  notTaken: z.int().describe('Notices of the last 30 days in mails that a server refused, for their address or for what they are.'),
  nextAt: z.iso.datetime().nullable().describe('Null: nothing is tried.'),
});
const params = z.object({ participantId: Identifier });
const tags = ['mail'];

export interface MailRoutesDeps {
  readonly mailboxes: MailboxStore;
  readonly clock: Clock;
  /** Something may be sent now. */
  readonly wake: () => void;
}

/** Whom mails do not reach, and why. */
export function mailRoutes(app: HttpServer, { mailboxes, clock, wake }: MailRoutesDeps): void {
  const found = async (participantId: string) => {
    const mailbox = await mailboxes.find(participantId);
    if (mailbox === undefined) throw unknownMailbox();
    return viewOf(mailbox);
  };

  app.get('/v1/mailboxes', {
    onRequest: requireScope('contacts:read'),
    schema: {
      tags, summary: 'Readers by how mail reaches them',
      querystring: z.object({
        state: z.enum(['ok', 'failing', 'refused']).optional(),
        givenUp: z.enum(['true', 'false']).default('false').describe('`true`: only those of whom something was given up'),
        notTaken: z.enum(['true', 'false']).default('false').describe('`true`: only those of whom a mail was refused'),
        after: z.string().max(128).default('').describe('`participantId` of the last one of the page before'),
        limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(50),
      }),
      response: { 200: z.object({ items: z.array(MailboxView), next: z.string().nullable() }) },
    },
  }, async ({ query }) => {
    const items = await mailboxes.list({ state: query.state, after: query.after, limit: query.limit, givenUp: query.givenUp === 'true', notTaken: query.notTaken === 'true' });
    return { items: items.map(viewOf), next: items.length < query.limit ? null : (items.at(-1)?.readerId ?? null) };
  });

  app.get('/v1/mailboxes/:participantId', {
    onRequest: requireScope('contacts:read'), schema: { tags, summary: 'How mail reaches one reader', params, response: { 200: MailboxView } },
  }, ({ params: { participantId } }) => found(participantId));

  app.post('/v1/mailboxes/:participantId/retry', {
    onRequest: requireScope('contacts:write'),
    schema: { tags, summary: 'Write to a refused address again: somebody says that it takes mail now', params, response: { 200: MailboxView } },
  }, async ({ params: { participantId } }) => {
    if (!(await mailboxes.retry(participantId, clock.now()))) throw unknownMailbox();
    wake();
    return found(participantId);
  });

  app.post('/v1/mail/bounces', {
    onRequest: requireScope('contacts:write'),
    schema: {
      tags, summary: 'A mail came back: its address is not written to again until it changes',
      description: 'For whoever reads the mailbox of the sender, or for the hook of a mail provider. The Message-ID says which mail it was. If the reader has another address by now, only the mail is marked.',
      body: z.strictObject({ messageId: z.string().regex(/^<[^<>\s]{1,250}>$/, 'a Message-ID with its angle brackets'), reason: z.string().min(1).max(300) }),
      response: { 200: z.object({ participantId: z.string().nullable().describe('Null: no mail of ours, or known already') }) },
    },
  }, async ({ body: { messageId, reason } }) => ({ participantId: (await mailboxes.bounce(messageId, reason, clock.now())) ?? null }));
}

const viewOf = ({ readerId, state, address, failures, lastError, stateAt, waiting, givenUp, notTaken, dueAt }: MailboxStatus) => ({
  participantId: readerId, state, address, failures, reason: lastError, waiting, givenUp, notTaken,
  since: stateAt?.toISOString() ?? null, nextAt: dueAt?.toISOString() ?? null,
});

const unknownMailbox = (): Problem =>
  new Problem({ status: 404, code: 'mailbox-unknown', title: 'Nothing was ever written to this participant.', detail: 'Those who were are listed at /v1/mailboxes.' });
