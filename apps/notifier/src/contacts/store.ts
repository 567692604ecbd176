import type { Statement, Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import type { Contact, NewContact } from './contact.ts';

const COLUMNS = 'participant_id AS "participantId", name, email, unwanted, version';
const put: Statement = {
  name: 'contact_put',
  text: `INSERT INTO contact AS known (participant_id, name, email, unwanted, created_at, updated_at)
         SELECT $1, $2, $3, coalesce($4::text[], '{}'), $5::timestamptz, $5::timestamptz
          WHERE $6::int IS NULL OR EXISTS (SELECT FROM contact WHERE participant_id = $1)
         ON CONFLICT (participant_id) DO UPDATE SET
           name = excluded.name, email = excluded.email, unwanted = coalesce($4::text[], known.unwanted), version = known.version + 1, updated_at = excluded.updated_at
         WHERE $6::int IS NULL OR known.version = $6
         RETURNING ${COLUMNS}`,
};
const find: Statement = { name: 'contact_find', text: `SELECT ${COLUMNS} FROM contact WHERE participant_id = ANY ($1::text[])` };
const page: Statement = {
  name: 'contact_page',
  text: `SELECT ${COLUMNS} FROM contact WHERE $1::text IS NULL OR participant_id > $1 ORDER BY participant_id LIMIT $2`,
};
const erase: Statement = {
  name: 'contact_erase',
  text: `WITH items AS (DELETE FROM inbox_item WHERE reader_id = $1), tickets AS (DELETE FROM inbox_ticket WHERE reader_id = $1),
              mails AS (DELETE FROM mail WHERE reader_id = $1), mailboxes AS (DELETE FROM mailbox WHERE reader_id = $1)
         DELETE FROM contact WHERE participant_id = $1`,
};

/**
 * Creates or replaces, but without `unwanted` keeps what is known of it; undefined when `ifVersion` is given and the
 * contact has another version or does not exist.
 */
export async function putContact(
  tx: Pick<Tx, 'query'>, { participantId, name, email, unwanted }: NewContact, nowMs: number, ifVersion?: number,
): Promise<Contact | undefined> {
  return (await tx.query<Contact>(put, [participantId, name, email, unwanted ?? null, formatInstant(nowMs), ifVersion ?? null]))[0];
}

export const findContacts = (tx: Pick<Tx, 'query'>, ids: readonly string[]): Promise<Contact[]> => tx.query<Contact>(find, [ids]);

/** By participant id. */
export const listContacts = (tx: Pick<Tx, 'query'>, { after, limit }: { after?: string | undefined; limit: number }): Promise<Contact[]> =>
  tx.query<Contact>(page, [after ?? null, limit]);

/** Everything that the notifier keeps about a person: contact, inbox, tickets, mailbox (it has the address), and whatever hangs on those by foreign key. */
export const eraseContact = (tx: Pick<Tx, 'query'>, participantId: string): Promise<unknown> => tx.query(erase, [participantId]);

/** Names of participants, for rendering. */
export async function readNames(tx: Pick<Tx, 'query'>, ids: readonly string[]): Promise<(id: string) => string | undefined> {
  if (ids.length === 0) return () => undefined;
  const names = new Map((await findContacts(tx, [...new Set(ids)])).map(({ participantId, name }) => [participantId, name]));
  return (id) => names.get(id);
}
