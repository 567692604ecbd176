import type { Database, Statement } from '@schoolbell/service-kit';
import { formatInstant, type Clock } from '@schoolbell/time';

const DAY_MS = 86_400_000;
/** Longer than an alert can come again: 14 days in outbox and stream, and a week away. */
const ALERT_KEEP_MS = 30 * DAY_MS;
const MESSAGE_KEEP_MS = 30 * DAY_MS;
const MAIL_KEEP_MS = 30 * DAY_MS;
const PROBLEM_KEEP_MS = 90 * DAY_MS;
/** Telegram keeps an update for a day, so none comes again later. */
const UPDATE_KEEP_MS = 7 * DAY_MS;
const DIGEST_KEEP_MS = 400 * DAY_MS;
/** Rows of one statement, so that no lock lasts. */
const BATCH = 5_000;

const statement = (table: string, key: string, column: string, where = 'true'): Statement => ({
  name: `retention_${table}`,
  text: `WITH gone AS (DELETE FROM ${table} WHERE ${key} IN (SELECT ${key} FROM ${table} WHERE ${column} < $1::timestamptz AND ${where} LIMIT ${BATCH}) RETURNING 1)
         SELECT count(*)::int AS count FROM gone`,
});

const RULES = [
  { rule: statement('alert', 'event_id', 'received_at'), keepMs: ALERT_KEEP_MS },
  // With their notices. What could not be told for so long will not be told.
  { rule: statement('message', 'id', 'created_at'), keepMs: MESSAGE_KEEP_MS },
  { rule: statement('notice', 'id', 'at', 'message_id IS NULL'), keepMs: MESSAGE_KEEP_MS },
  { rule: statement('mail', 'id', 'created_at', `state <> 'pending'`), keepMs: MAIL_KEEP_MS },
  { rule: statement('action', 'id', 'at'), keepMs: PROBLEM_KEEP_MS },
  // With the notices of all readers.
  { rule: statement('told_event', 'event_id', 'told_at'), keepMs: 'inbox' },
  { rule: statement('inbox_ticket', 'hash', 'expires_at'), keepMs: 0 },
  { rule: statement('problem', 'fingerprint', 'last_at', `state = 'resolved' AND untold = 0`), keepMs: PROBLEM_KEEP_MS },
  { rule: statement('telegram_update', 'update_id', 'handled_at'), keepMs: UPDATE_KEEP_MS },
  { rule: statement('confirmation', 'id', 'created_at'), keepMs: UPDATE_KEEP_MS },
  { rule: statement('stranger', 'user_id', 'refused_at'), keepMs: UPDATE_KEEP_MS },
  { rule: statement('digest', 'day', 'created_at'), keepMs: DIGEST_KEEP_MS },
] as const;

/** Removes what is old, in small steps. Safe in every replica at once. */
export async function removeOld(
  { db, clock, inboxKeepMs }: { db: Database; clock: Clock; inboxKeepMs: () => number }, signal: AbortSignal,
): Promise<number> {
  let removed = 0;
  for (const { rule, keepMs } of RULES) {
    for (;;) {
      const [row] = await db.query<{ count: number }>(rule, [formatInstant(clock.now() - (keepMs === 'inbox' ? inboxKeepMs() : keepMs))]);
      removed += row?.count ?? 0;
      if ((row?.count ?? 0) < BATCH || signal.aborted) break;
    }
  }
  return removed;
}
