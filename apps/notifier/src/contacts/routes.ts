import { Identifier } from '@schoolbell/contracts';
import { Problem, requireScope, type Database, type HttpServer } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';
import { z } from 'zod';
import { Conditional, Unwanted, versionIn, versionStale } from './fields.ts';
import { eraseContact, findContacts, listContacts, putContact } from './store.ts';

const PAGE_MAX = 200;
const NAME_MAX = 200;
/** Source: RFC 5321, 4.5.3.1.3, without the angle brackets. */
const EMAIL_MAX = 254;

// Postgres has no NUL, and a lone surrogate is no text. Everything else a name may have is made harmless where it is shown.
const Name = z.string().trim().min(1).max(NAME_MAX)
  .refine((text) => text.isWellFormed() && !text.includes('\u0000'), 'must be well-formed text');
const Email = z.email().max(EMAIL_MAX);
const ContactBody = z.strictObject({
  name: Name,
  email: Email.nullable().default(null).describe('Null: no mail'),
  unwanted: Unwanted.optional().describe('Topics of mail that the person does not want. Absent: what is known stays, for the person may have said so meanwhile'),
});
const ContactView = z.object({
  participantId: z.string(), name: z.string(), email: z.string().nullable(), unwanted: z.array(z.string()), version: z.int(),
});
const params = z.object({ id: Identifier });

/** Who people are. Only the notifier knows, and only these endpoints say. */
export function contactRoutes(app: HttpServer, { db, clock }: { db: Database; clock: Clock }): void {
  const tags = ['contacts'];

  app.put('/v1/contacts/:id', {
    onRequest: requireScope('contacts:write'),
    schema: {
      tags, params, headers: Conditional, body: ContactBody, response: { 200: ContactView },
      summary: 'Keep the name, address and wishes of a participant',
      description: 'Name and address are replaced, wishes only when they are given: whoever brings contacts up to date leaves them out.',
    },
  }, async ({ params: { id }, body, headers }) => {
    const contact = await putContact(db, { participantId: id, ...body }, clock.now(), versionIn(headers));
    if (contact !== undefined) return { ...contact, unwanted: [...contact.unwanted] };
    throw versionStale();
  });

  app.get('/v1/contacts/:id', {
    onRequest: requireScope('contacts:read'), schema: { tags, params, summary: 'One contact', response: { 200: ContactView } },
  }, async ({ params: { id } }) => {
    const [contact] = await findContacts(db, [id]);
    if (contact !== undefined) return { ...contact, unwanted: [...contact.unwanted] };
    throw new Problem({ status: 404, code: 'contact-unknown', title: 'No such contact.', detail: 'List them at /v1/contacts.' });
  });

  app.get('/v1/contacts', {
    onRequest: requireScope('contacts:read'),
    schema: {
      tags, summary: 'Contacts by participant id',
      querystring: z.object({
        after: Identifier.optional().describe('`next` of the page before'),
        limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(50),
      }),
      response: { 200: z.object({ items: z.array(ContactView), next: z.string().nullable() }) },
    },
  }, async ({ query: { after, limit } }) => {
    const items = (await listContacts(db, { after, limit })).map((contact) => ({ ...contact, unwanted: [...contact.unwanted] }));
    return { items, next: items.length === limit ? (items.at(-1)?.participantId ?? null) : null };
  });

  app.delete('/v1/contacts/:id', {
    onRequest: requireScope('contacts:write'),
    schema: {
      tags, params, summary: 'Erase a person: contact, inbox and what was queued for them',
      description: 'Also when there is no contact. Scheduling keeps the pseudonymous id; notices name the role from now on.',
      response: { 204: z.null() },
    },
  }, async ({ params: { id } }, reply) => {
    await db.transaction((tx) => eraseContact(tx, id));
    return reply.code(204).send(null);
  });
}
