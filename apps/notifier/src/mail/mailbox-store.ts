import type { Database, Statement } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import type { OptionalTopic } from '../contacts/topics.ts';

/** Mailboxes for people who look after them, and what readers say of them. */
export interface MailboxStatus {
  readonly readerId: string;
  readonly state: 'ok' | 'failing' | 'refused';
  readonly address: string | null;
  readonly failures: number;
  readonly lastError: string | null;
  readonly stateAt: Date | null;
  readonly waiting: number;
  readonly givenUp: number;
  readonly notTaken: number;
  readonly dueAt: Date | null;
}

const LOOK = `SELECT reader_id AS "readerId", state, address, failures, last_error AS "lastError", state_at AS "stateAt", due_at AS "dueAt",
           (SELECT count(*)::int FROM mail_item WHERE mail_item.reader_id = mailbox.reader_id AND mail_id IS NULL) AS waiting,
           (SELECT count(*)::int FROM mail JOIN mail_item ON mail_item.mail_id = mail.id WHERE mail.reader_id = mailbox.reader_id AND mail.state = 'given-up') AS "givenUp",
           (SELECT count(*)::int FROM mail JOIN mail_item ON mail_item.mail_id = mail.id WHERE mail.reader_id = mailbox.reader_id AND mail.state = 'refused') AS "notTaken"
         FROM mailbox`;
const list: Statement = {
  name: 'mailbox_list',
  text: `${LOOK} WHERE ($1::text IS NULL OR state = $1) AND reader_id > $2
           AND (NOT $4::boolean OR EXISTS (SELECT FROM mail WHERE mail.reader_id = mailbox.reader_id AND mail.state = 'given-up'))
           AND (NOT $5::boolean OR EXISTS (SELECT FROM mail WHERE mail.reader_id = mailbox.reader_id AND mail.state = 'refused')) ORDER BY reader_id LIMIT $3`,
};
const find: Statement = { name: 'mailbox_find', text: `${LOOK} WHERE reader_id = $1` };
const retry: Statement = {
  name: 'mailbox_retry',
  text: `UPDATE mailbox SET state = 'ok', failures = 0, last_error = NULL, state_at = $2::timestamptz, not_before = $2::timestamptz,
           due_at = CASE WHEN lease_token IS NULL THEN $2::timestamptz ELSE due_at END
         WHERE reader_id = $1 RETURNING reader_id`,
};
// Named by the mail that came back, so that nobody can silence somebody by an address alone. It went to the address of
// its time: of another one that the reader has now it says nothing.
const bounce: Statement = {
  name: 'mailbox_bounce',
  text: `WITH back AS (UPDATE mail SET state = 'bounced', error = $2 WHERE message_id = $1 AND state IN ('sent', 'pending') RETURNING reader_id, address_hash),
              refused AS (
           UPDATE mailbox SET state = 'refused', address = contact.email, failures = failures + 1, last_error = $2, state_at = $3::timestamptz
             FROM back JOIN contact ON contact.participant_id = back.reader_id
            WHERE mailbox.reader_id = back.reader_id AND coalesce(back.address_hash = sha256(convert_to(contact.email, 'UTF8')), back.address_hash IS NULL))
         SELECT reader_id AS "readerId" FROM back`,
};
const unsubscribe: Statement = {
  name: 'contact_unsubscribe',
  text: `UPDATE contact SET unwanted = ARRAY (SELECT DISTINCT topic FROM unnest(unwanted || $2::text[]) AS topic ORDER BY topic), version = version + 1, updated_at = $3::timestamptz
          WHERE participant_id = $1 AND NOT unwanted @> $2::text[]`,
};
const forget: Statement = { name: 'mail_item_forget', text: 'DELETE FROM mail_item WHERE reader_id = $1 AND mail_id IS NULL AND topic = ANY ($2::text[])' };

export interface MailboxStore {
  list(filter: { state: MailboxStatus['state'] | undefined; after: string; limit: number; givenUp: boolean; notTaken: boolean }): Promise<MailboxStatus[]>;
  find(readerId: string): Promise<MailboxStatus | undefined>;
  /** The address takes mail again, somebody says. Undefined: nothing was ever written there. */
  retry(readerId: string, nowMs: number): Promise<boolean>;
  /** A mail came back. The reader it was for; undefined when it is none of ours, or known. */
  bounce(messageId: string, reason: string, nowMs: number): Promise<string | undefined>;
  unsubscribe(readerId: string, topics: readonly OptionalTopic[], nowMs: number): Promise<void>;
}

export function createMailboxStore(db: Database): MailboxStore {
  return {
    list: ({ state, after, limit, givenUp, notTaken }) => db.query(list, [state ?? null, after, limit, givenUp, notTaken]),
    find: async (readerId) => (await db.query<MailboxStatus>(find, [readerId]))[0],
    retry: async (readerId, nowMs) => (await db.query(retry, [readerId, formatInstant(nowMs)])).length > 0,
    bounce: async (messageId, reason, nowMs) => (await db.query<{ readerId: string }>(bounce, [messageId, reason, formatInstant(nowMs)]))[0]?.readerId,
    unsubscribe: (readerId, topics, nowMs) =>
      db.transaction(async (tx) => {
        await tx.query(unsubscribe, [readerId, topics, formatInstant(nowMs)]);
        await tx.query(forget, [readerId, topics]);
      }),
  };
}
