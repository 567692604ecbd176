import type { Statement, Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import type { Contact } from './contact.ts';
import type { OptionalTopic } from './topics.ts';

/** How mail reaches a person, as the person may see it. */
export interface Reach extends Contact {
  readonly mail: 'ok' | 'failing' | 'refused' | null;
  readonly mailSince: Date | null;
}

// What is known of another address says nothing about this one.
const find: Statement = {
  name: 'wishes_find',
  text: `SELECT participant_id AS "participantId", name, email, unwanted, version, mailbox.state AS mail, mailbox.state_at AS "mailSince"
           FROM contact LEFT JOIN mailbox ON mailbox.reader_id = contact.participant_id AND mailbox.address = contact.email
          WHERE participant_id = $1`,
};
const wish: Statement = {
  name: 'wishes_put',
  text: `UPDATE contact SET unwanted = $2::text[], version = version + 1, updated_at = $3::timestamptz
          WHERE participant_id = $1 AND ($4::int IS NULL OR version = $4) RETURNING version`,
};
const forget: Statement = {
  name: 'wishes_forget',
  text: `DELETE FROM mail_item USING contact
          WHERE mail_item.reader_id = $1 AND mail_id IS NULL AND contact.participant_id = $1 AND topic <> 'offers' AND topic = ANY (contact.unwanted)`,
};

/** Undefined: nobody has told the notifier about this person. */
export const findReach = async (tx: Pick<Tx, 'query'>, participantId: string): Promise<Reach | undefined> =>
  (await tx.query<Reach>(find, [participantId]))[0];

/** Replaces what a known person does not want, and takes what waits of it out of the queue. False: the contact has another version. */
export async function putWishes(tx: Tx, participantId: string, unwanted: readonly OptionalTopic[], nowMs: number, ifVersion?: number): Promise<boolean> {
  const rows = await tx.query(wish, [participantId, unwanted, formatInstant(nowMs), ifVersion ?? null]);
  if (rows.length > 0) await tx.query(forget, [participantId]);
  return rows.length > 0;
}
