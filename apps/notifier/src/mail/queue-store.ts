import type { Statement, Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import { TOLD_TRANSITIONS } from '../notices/decide.ts';
import type { Standing } from './pace.ts';

/** The row of a reader, and where they are written to. */
export interface Mailbox {
  readonly readerId: string;
  readonly standing: Standing;
}
export interface LockedMailbox extends Mailbox {
  readonly email: string | null;
  readonly name: string | null;
}
/** A mail that was begun. */
export interface BegunMail {
  readonly id: string;
  readonly messageId: string;
  readonly createdAtMs: number;
}
/** An event that is worth a mail to whoever it was told to. */
export interface MailEvent {
  readonly eventId: string;
  readonly topic: string;
  /** From then on it does not go alone. */
  readonly lateAtMs: number | undefined;
}

interface MailboxRow {
  readonly readerId: string;
  readonly state: Standing['state'];
  readonly address: string | null;
  readonly failures: number;
  readonly lastError: string | null;
  readonly notBefore: Date;
}

const COLUMNS = `mailbox.reader_id AS "readerId", mailbox.state, mailbox.address, mailbox.failures, mailbox.last_error AS "lastError", mailbox.not_before AS "notBefore"`;

// Only what this transaction tells: an event that comes again was queued with its first telling. What the reader did
// themselves is read already. Readers in order, so that two consumers never wait for each other.
const queue: Statement = {
  name: 'mail_queue',
  text: `WITH queued AS (
           INSERT INTO mail_item (inbox_item_id, event_id, reader_id, topic, created_at, late_at)
           SELECT item.id, item.event_id, item.reader_id, told.topic, $2::timestamptz, told.late_at
             FROM jsonb_to_recordset($1::jsonb) AS told (event_id text, topic text, late_at timestamptz)
             JOIN inbox_item AS item ON item.event_id = told.event_id AND item.created_at = $2::timestamptz AND item.read_at IS NULL
             JOIN contact ON contact.participant_id = item.reader_id AND contact.email IS NOT NULL
            WHERE told.topic = 'offers' OR told.topic <> ALL (contact.unwanted)
           ON CONFLICT DO NOTHING RETURNING reader_id)
         INSERT INTO mailbox (reader_id, due_at) SELECT DISTINCT reader_id, $2::timestamptz FROM queued ORDER BY reader_id
         ON CONFLICT (reader_id) DO UPDATE SET due_at = coalesce(mailbox.due_at, greatest(mailbox.not_before, excluded.due_at))`,
};
const lockDue: Statement = {
  name: 'mailbox_lock_due',
  text: `SELECT ${COLUMNS}, contact.email, contact.name FROM mailbox LEFT JOIN contact ON contact.participant_id = mailbox.reader_id
          WHERE mailbox.due_at <= $1::timestamptz ORDER BY mailbox.due_at LIMIT 1 FOR UPDATE OF mailbox SKIP LOCKED`,
};
const lockLeased: Statement = { name: 'mailbox_lock_leased', text: `SELECT ${COLUMNS} FROM mailbox WHERE reader_id = $1 AND lease_token = $2::uuid FOR UPDATE` };
const park: Statement = { name: 'mailbox_park', text: 'UPDATE mailbox SET due_at = NULL, lease_token = NULL WHERE reader_id = $1' };
const lease: Statement = { name: 'mailbox_lease', text: 'UPDATE mailbox SET lease_token = $2::uuid, due_at = $3::timestamptz WHERE reader_id = $1' };
const release: Statement = {
  name: 'mailbox_release',
  text: `UPDATE mailbox SET lease_token = NULL, state = $2, address = $3, failures = $4, last_error = $5, not_before = $6::timestamptz,
           state_at = CASE WHEN state = $2 THEN state_at ELSE $8::timestamptz END,
           due_at = CASE WHEN $2 <> 'refused' AND (EXISTS (SELECT FROM mail WHERE mail.reader_id = $1 AND mail.state = 'pending')
                           OR EXISTS (SELECT FROM mail_item WHERE mail_item.reader_id = $1 AND mail_id IS NULL)) THEN $7::timestamptz END
         WHERE reader_id = $1`,
};
const pending: Statement = {
  name: 'mail_pending',
  text: `UPDATE mail SET attempts = attempts + 1, address_hash = sha256(convert_to($2, 'UTF8')) WHERE reader_id = $1 AND state = 'pending' RETURNING id::text AS id, message_id AS "messageId", created_at AS "createdAt"`,
};
// What is not late comes first into the mail, or a heap of late ones would keep it out; within the mail the order is that of time.
// What only a newer release has words for waits for one of its replicas.
const waiting: Statement = {
  name: 'mail_waiting',
  text: `SELECT inbox_item_id::text AS id, event_id AS "eventId", late FROM (
           SELECT inbox_item_id, event_id, (late_at IS NOT NULL AND late_at <= $2::timestamptz) AS late
             FROM mail_item JOIN told_event USING (event_id)
            WHERE reader_id = $1 AND mail_id IS NULL AND transition = ANY ($4::text[]) ORDER BY late, inbox_item_id LIMIT $3) AS gathered
          ORDER BY inbox_item_id`,
};
const begin: Statement = {
  name: 'mail_begin',
  text: `WITH begun AS (INSERT INTO mail (reader_id, message_id, state, attempts, created_at, address_hash)
                         VALUES ($1, $2, 'pending', 1, $3::timestamptz, sha256(convert_to($5, 'UTF8'))) RETURNING id),
              gathered AS (UPDATE mail_item SET mail_id = begun.id FROM begun WHERE inbox_item_id = ANY ($4::bigint[]))
         SELECT id::text AS id FROM begun`,
};
const end: Statement = {
  name: 'mail_end',
  text: `UPDATE mail SET state = $2, error = $3, sent_at = CASE WHEN $2 = 'sent' THEN $4::timestamptz END WHERE id = $1::bigint AND state = 'pending'`,
};
const free: Statement = {
  name: 'mail_free',
  text: `UPDATE mail_item SET mail_id = NULL WHERE mail_id = (SELECT id FROM mail WHERE id = $1::bigint AND state = 'pending')`,
};
const dissolve: Statement = { name: 'mail_dissolve', text: `DELETE FROM mail WHERE id = $1::bigint AND state = 'pending'` };

/** In the transaction that tells the inbox, so that both have it or neither. What a reader does not want is left out. */
export async function queueMail(tx: Tx, events: readonly MailEvent[], nowMs: number): Promise<void> {
  if (events.length === 0) return;
  const rows = events.map(({ eventId, topic, lateAtMs }) => ({ event_id: eventId, topic, late_at: lateAtMs === undefined ? null : formatInstant(lateAtMs) }));
  await tx.query(queue, [JSON.stringify(rows), formatInstant(nowMs)]);
}

/** The mailbox that is due longest and that nobody else looks at. */
export async function lockDueMailbox(tx: Tx, nowMs: number): Promise<LockedMailbox | undefined> {
  const [row] = await tx.query<MailboxRow & { email: string | null; name: string | null }>(lockDue, [formatInstant(nowMs)]);
  return row && { ...toMailbox(row), email: row.email, name: row.name };
}

export async function lockLeasedMailbox(tx: Tx, readerId: string, token: string): Promise<Mailbox | undefined> {
  const [row] = await tx.query<MailboxRow>(lockLeased, [readerId, token]);
  return row && toMailbox(row);
}

/** Nothing can go now: it is looked at again when something comes. */
export async function parkMailbox(tx: Tx, readerId: string): Promise<void> {
  await tx.query(park, [readerId]);
}

export async function leaseMailbox(tx: Tx, readerId: string, token: string, untilMs: number): Promise<void> {
  await tx.query(lease, [readerId, token, formatInstant(untilMs)]);
}

/** Ends the lease. Due again at `dueMs` if something waits. */
export async function releaseMailbox(tx: Tx, readerId: string, standing: Standing, dueMs: number, nowMs: number): Promise<void> {
  const { state, address, failures, lastError, notBeforeMs } = standing;
  await tx.query(release, [readerId, state, address, failures, lastError, formatInstant(notBeforeMs), formatInstant(dueMs), formatInstant(nowMs)]);
}

/** The mail of which nobody knows whether it was taken, counted as one more attempt. */
export async function pendingMail(tx: Tx, readerId: string, address: string): Promise<BegunMail | undefined> {
  const [row] = await tx.query<{ id: string; messageId: string; createdAt: Date }>(pending, [readerId, address]);
  return row && { id: row.id, messageId: row.messageId, createdAtMs: row.createdAt.getTime() };
}

export const waitingItems = (tx: Tx, readerId: string, nowMs: number, limit: number): Promise<{ id: string; eventId: string; late: boolean }[]> =>
  tx.query(waiting, [readerId, formatInstant(nowMs), limit, TOLD_TRANSITIONS]);

export async function beginMail(
  tx: Tx, { readerId, address, messageId, itemIds }: { readerId: string; address: string; messageId: string; itemIds: readonly string[] }, nowMs: number,
): Promise<BegunMail> {
  const [row] = await tx.query<{ id: string }>(begin, [readerId, messageId, formatInstant(nowMs), itemIds, address]);
  return { id: row!.id, messageId, createdAtMs: nowMs };
}

export async function endMail(tx: Tx, id: string, state: 'sent' | 'refused', error: string | null, nowMs: number): Promise<void> {
  await tx.query(end, [id, state, error, formatInstant(nowMs)]);
}

/** Surely not taken: its items wait again, with what has come since. */
export async function dissolveMail(tx: Tx, id: string): Promise<void> {
  await tx.query(free, [id]);
  await tx.query(dissolve, [id]);
}

const toMailbox = ({ readerId, state, address, failures, lastError, notBefore }: MailboxRow): Mailbox => ({
  readerId, standing: { state, address: address ?? '', failures, lastError, notBeforeMs: notBefore.getTime() },
});
