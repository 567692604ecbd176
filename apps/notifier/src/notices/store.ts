import { SchedulingData, type SchedulingTransition } from '@schoolbell/contracts';
import type { Statement, Tx } from '@schoolbell/service-kit';
import { formatInstant, parseInstant } from '@schoolbell/time';
import { REMINDER, type Telling } from './decide.ts';
import type { MailState, Notice, ReaderRole } from './notice.ts';

/** Tells and finds notices. Each event is told to all its readers with its first insert, in the order of the ids. */

/** Arbitrary, ours alone. */
const TELLING_LOCK = 4_104_105;
/** Payload of the notification: nothing. It only wakes live inboxes; what is new they read from the table. */
export const INBOX_CHANNEL = 'schoolbell_inbox';

// Without turns a later id could become visible before an earlier one, and a cursor that passed it would never return.
const takeTurn: Statement = { name: 'notice_turn', text: 'SELECT pg_advisory_xact_lock($1)' };
const tell: Statement = {
  name: 'notice_tell',
  text: `WITH told AS (
           SELECT * FROM json_to_recordset($1::json) AS told (
             position integer, event_id text, transition text, request_id text, request_version integer, at timestamptz, data jsonb, readers json)
         ), fresh AS (
           INSERT INTO told_event (event_id, transition, request_id, request_version, data, at, told_at)
           SELECT event_id, transition, request_id, request_version, data, at, $2::timestamptz FROM told ORDER BY position
           ON CONFLICT DO NOTHING RETURNING event_id
         ), items AS (
           INSERT INTO inbox_item (event_id, reader_id, role, zone, locale, created_at, read_at)
           SELECT told.event_id, reader.id, reader.role, reader.zone, reader.locale, $2::timestamptz, CASE WHEN reader.own THEN $2::timestamptz END
             FROM told JOIN fresh USING (event_id),
                  json_to_recordset(told.readers) AS reader (id text, role text, zone text, locale text, own boolean)
            WHERE told.transition <> $3 OR NOT EXISTS (
                    SELECT FROM told_event AS known
                     WHERE known.request_id = told.request_id AND known.request_version > told.request_version)
            ORDER BY told.position, reader.id
           RETURNING id
         )
         SELECT count(*)::int AS count FROM items`,
};
const wake: Statement = { name: 'notice_wake', text: `SELECT pg_notify($1, '')` };

/** Returns how many notices are new. A reminder that a known event has overtaken is remembered and told to nobody. */
export async function tellAll(tx: Tx, tellings: readonly Telling[], nowMs: number): Promise<number> {
  if (tellings.length === 0) return 0;
  await tx.query(takeTurn, [TELLING_LOCK]);
  // A redelivery can stand in the same batch as the first.
  const once = [...new Map(tellings.map((telling) => [telling.eventId, telling])).values()];
  const rows = once.map(({ eventId, transition, data, readers }, position) => ({
    position, event_id: eventId, transition, request_id: data.requestId ?? null, request_version: data.requestVersion ?? null, at: data.at, data, readers,
  }));
  const [row] = await tx.query<{ count: number }>(tell, [JSON.stringify(rows), formatInstant(nowMs), REMINDER]);
  const count = row?.count ?? 0;
  if (count > 0) await tx.query(wake, [INBOX_CHANNEL]);
  return count;
}

/** Columns of a notice, from `inbox_item AS item JOIN told_event AS told USING (event_id)`. */
export const NOTICE_COLUMNS = `item.id::text AS id, item.event_id AS "eventId", told.transition, item.reader_id AS "readerId", item.role,
  item.zone, item.locale, told.data, item.created_at AS "createdAt", item.read_at AS "readAt",
  EXISTS (SELECT FROM told_event AS newer
           WHERE newer.request_id = told.request_id AND newer.request_version > told.request_version) AS overtaken,
  (SELECT CASE coalesce(mail.state, 'pending') WHEN 'pending' THEN 'waiting' ELSE mail.state END
     FROM mail_item LEFT JOIN mail ON mail.id = mail_item.mail_id WHERE mail_item.inbox_item_id = item.id) AS mail`;

export interface NoticeRow {
  readonly id: string;
  readonly eventId: string;
  readonly transition: SchedulingTransition;
  readonly readerId: string;
  readonly role: ReaderRole;
  readonly zone: string;
  readonly locale: string;
  readonly data: unknown;
  readonly createdAt: Date;
  readonly readAt: Date | null;
  readonly overtaken: boolean;
  readonly mail: MailState | null;
}

export const toNotice = ({ createdAt, readAt, data, mail, ...row }: NoticeRow): Notice => ({
  ...row,
  data: SchedulingData.parse(data),
  createdAtMs: createdAt.getTime(),
  ...(readAt === null ? {} : { readAtMs: readAt.getTime() }),
  ...(mail === null ? {} : { mail }),
});

const byId: Statement = {
  name: 'notice_by_id',
  text: `SELECT ${NOTICE_COLUMNS} FROM inbox_item AS item JOIN told_event AS told USING (event_id) WHERE item.id = ANY ($1::bigint[]) ORDER BY item.id`,
};

/** Notices by id, in their order; ids of items that are gone are left out. */
export const findNotices = async (tx: Pick<Tx, 'query'>, ids: readonly string[]): Promise<Notice[]> =>
  (await tx.query<NoticeRow>(byId, [ids])).map(toNotice);

/** When the event happened, for ordering by people. */
export const happenedAtMs = ({ data }: Pick<Notice, 'data'>): number => parseInstant(data.at);

/** Everybody a notice may name: the actor, the people, those it waits for, a student who joined or left. */
export function peopleNamed({ data }: Pick<Notice, 'data'>): string[] {
  const reason = data.reason === undefined ? [] : [data.reason];
  return [...new Set([data.by.id, ...[...data.people, ...data.former].map(({ id }) => id), ...data.waitingFor, ...reason])];
}
