import { Problem, subjectOf, type Database, type HttpServer, type PersonGuard } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Conditional, Unwanted, versionIn, versionStale } from './fields.ts';
import { findReach, putWishes, type Reach } from './wishes-store.ts';

const WISHES_PATH = '/v1/inbox/wishes';
const WishesView = z.object({
  name: z.string(),
  email: z.string().nullable().describe('Null: there is no mail. Names and addresses are changed on the platform'),
  mail: z.enum(['ok', 'failing', 'refused']).nullable().describe('How this address takes mail. `failing`: tried again; `refused`: nothing is sent there any more. Null: not known yet'),
  mailSince: z.iso.datetime().nullable(),
  unwanted: z.array(z.string()),
  version: z.int(),
});

/** What mail somebody wants, for that person alone. */
export function wishesRoutes(app: HttpServer, guard: PersonGuard, { db, clock }: { db: Database; clock: Clock }): void {
  const own = { config: { access: 'own' }, onRequest: guard('teacher', 'student', 'partner', 'manager') } as const;
  const tags = ['inbox'];
  const reachOf = async (request: FastifyRequest): Promise<Reach> => {
    const reach = await findReach(db, subjectOf(request).id);
    if (reach === undefined) throw notKnown();
    return reach;
  };

  app.get(WISHES_PATH, { ...own, schema: { tags, summary: 'Your address, how mail reaches it, and what mail you do not want', response: { 200: WishesView } } },
    async (request) => viewOf(await reachOf(request)));

  app.put(WISHES_PATH, {
    ...own,
    schema: {
      tags, summary: 'Say what mail you do not want', headers: Conditional, body: z.strictObject({ unwanted: Unwanted }), response: { 200: WishesView },
      description: 'Mail about an open offer or its deadline cannot be switched off, and the inbox keeps everything. What waits of the unwanted is not sent any more.',
    },
  }, async (request) => {
    const { id } = subjectOf(request);
    const done = await db.transaction((tx) => putWishes(tx, id, request.body.unwanted, clock.now(), versionIn(request.headers)));
    const reach = await reachOf(request);
    if (!done) throw versionStale();
    return viewOf(reach);
  });
}

const viewOf = ({ name, email, mail, mailSince, unwanted, version }: Reach) =>
  ({ name, email, mail, mailSince: mailSince?.toISOString() ?? null, unwanted: [...unwanted], version });

const notKnown = (): Problem =>
  new Problem({ status: 404, code: 'contact-unknown', title: 'Nobody has said where to write to you.', detail: 'Without a contact there is no mail, and nothing to switch off. The platform keeps it with PUT /v1/contacts/:id.' });
