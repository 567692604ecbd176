import type { Statement, Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import type { Notice } from '../notices/notice.ts';
import { INBOX_CHANNEL, NOTICE_COLUMNS, toNotice, type NoticeRow } from '../notices/store.ts';

/** The inbox of one reader. Every statement names the reader: an id of somebody else's item finds nothing. */

type Reading = Pick<Tx, 'query'>;

const page: Statement = {
  name: 'inbox_page',
  text: `SELECT ${NOTICE_COLUMNS} FROM inbox_item AS item JOIN told_event AS told USING (event_id)
          WHERE item.reader_id = $1 AND ($2::bigint IS NULL OR item.id < $2) AND (NOT $3::boolean OR item.read_at IS NULL)
          ORDER BY item.id DESC LIMIT $4`,
};
const countUnread: Statement = {
  name: 'inbox_unread',
  text: `SELECT reader_id AS "readerId", count(*)::int AS count FROM inbox_item WHERE reader_id = ANY ($1::text[]) AND read_at IS NULL GROUP BY reader_id`,
};
const newest: Statement = { name: 'inbox_newest', text: 'SELECT max(id)::text AS id FROM inbox_item WHERE reader_id = $1' };
// LATERAL: one descent of the index for each reader, whatever the others have.
const news: Statement = {
  name: 'inbox_news',
  text: `SELECT ${NOTICE_COLUMNS}
           FROM unnest($1::text[], $2::bigint[]) AS want (reader_id, after),
                LATERAL (SELECT * FROM inbox_item WHERE reader_id = want.reader_id AND id > want.after ORDER BY id LIMIT $3) AS item
           JOIN told_event AS told ON told.event_id = item.event_id
          ORDER BY item.id`,
};
const mark: Statement = {
  name: 'inbox_mark',
  text: `UPDATE inbox_item SET read_at = coalesce(read_at, $3::timestamptz) WHERE reader_id = $1 AND id = $2::bigint RETURNING id`,
};
const markAll: Statement = {
  name: 'inbox_mark_all',
  text: `UPDATE inbox_item SET read_at = $3::timestamptz WHERE reader_id = $1 AND id <= $2::bigint AND read_at IS NULL`,
};
const wake: Statement = { name: 'inbox_wake', text: `SELECT pg_notify($1, '')` };

/** Newest first. */
export async function readPage(
  db: Reading, readerId: string, { before, unreadOnly, limit }: { before?: string | undefined; unreadOnly: boolean; limit: number },
): Promise<Notice[]> {
  return (await db.query<NoticeRow>(page, [readerId, before ?? null, unreadOnly, limit])).map(toNotice);
}

/** Unread notices of each reader; of those without any there is no entry. */
export async function unreadOf(db: Reading, readerIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const rows = await db.query<{ readerId: string; count: number }>(countUnread, [readerIds]);
  return new Map(rows.map(({ readerId, count }) => [readerId, count]));
}

/** Id of the newest notice; `0` in an empty inbox. */
export const newestOf = async (db: Reading, readerId: string): Promise<string> => (await db.query<{ id: string | null }>(newest, [readerId]))[0]?.id ?? '0';

/** For each reader the notices after an id, oldest first, at most `limit` each. */
export async function newsFor(db: Reading, wanted: readonly { readerId: string; after: string }[], limit: number): Promise<Notice[]> {
  return (await db.query<NoticeRow>(news, [wanted.map(({ readerId }) => readerId), wanted.map(({ after }) => after), limit])).map(toNotice);
}

/** False when the reader has no such notice. What was read before keeps its time. */
export async function markRead(tx: Tx, readerId: string, id: string, nowMs: number): Promise<boolean> {
  const rows = await tx.query(mark, [readerId, id, formatInstant(nowMs)]);
  if (rows.length > 0) await tx.query(wake, [INBOX_CHANNEL]);
  return rows.length > 0;
}

/** Up to and with an id, so that what arrives meanwhile stays unread. */
export async function markReadUpTo(tx: Tx, readerId: string, id: string, nowMs: number): Promise<void> {
  await tx.query(markAll, [readerId, id, formatInstant(nowMs)]);
  await tx.query(wake, [INBOX_CHANNEL]);
}
