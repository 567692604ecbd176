import type { Database, Statement } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import type { MailQueueStatus } from './metrics.ts';

/** Looks at the queue as a whole, and finds mailboxes that can be written to again. */

// A greylisted reader waits for a reason of their own; only who waits for us says that we are late.
const status: Statement = {
  name: 'mail_status',
  text: `SELECT count(*)::int AS waiting, min(item.created_at) FILTER (WHERE mailbox.state = 'ok' AND mailbox.not_before <= $1::timestamptz) AS oldest,
           (SELECT count(*)::int FROM mailbox JOIN contact ON contact.participant_id = mailbox.reader_id AND contact.email = mailbox.address
             WHERE mailbox.state = 'refused') AS refused
         FROM mailbox JOIN mail_item AS item USING (reader_id) LEFT JOIN mail ON mail.id = item.mail_id
        WHERE mailbox.due_at IS NOT NULL AND (item.mail_id IS NULL OR mail.state = 'pending')`,
};
// Whose address was refused or missing and is another now; also what was parked for a reason that is gone.
const revive: Statement = {
  name: 'mailbox_revive',
  text: `UPDATE mailbox SET due_at = greatest(mailbox.not_before, $1::timestamptz)
          FROM contact
         WHERE contact.participant_id = mailbox.reader_id AND mailbox.due_at IS NULL AND contact.email IS NOT NULL
           AND (mailbox.state <> 'refused' OR mailbox.address IS DISTINCT FROM contact.email)
           AND mailbox.reader_id IN (
             SELECT reader_id FROM mail_item WHERE mail_id IS NULL AND (late_at IS NULL OR late_at > $1::timestamptz)
             UNION SELECT reader_id FROM mail WHERE state = 'pending')`,
};

export async function mailQueueStatus(db: Database, nowMs: number): Promise<MailQueueStatus> {
  const [row] = await db.query<{ waiting: number; oldest: Date | null; refused: number }>(status, [formatInstant(nowMs)]);
  const { waiting = 0, oldest = null, refused = 0 } = row ?? {};
  return { waiting, refused, oldestSeconds: oldest === null ? 0 : Math.max(0, nowMs - oldest.getTime()) / 1_000 };
}

export const reviveMailboxes = async (db: Database, nowMs: number): Promise<void> => void (await db.query(revive, [formatInstant(nowMs)]));
