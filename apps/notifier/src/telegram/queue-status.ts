import type { Database, Statement } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';

/** What waits for a chat, and why. */
export interface ChatStatus {
  readonly id: string;
  readonly state: 'ok' | 'failing' | 'unreachable';
  readonly lastError: string | null;
  /** Notices that no arrived message tells of. */
  readonly waiting: number;
  /** Time of the oldest of them. */
  readonly oldestMs: number | null;
  readonly nextMs: number;
}

const status: Statement = {
  name: 'chat_status',
  text: `SELECT chat.id, chat.state, chat.last_error AS "lastError", chat.not_before AS "next",
           coalesce(queued.count, 0)::int + coalesce(composed.count, 0)::int AS waiting,
           least(queued.oldest, composed.oldest) AS oldest
         FROM chat
         LEFT JOIN LATERAL (SELECT count(*) AS count, min(at) AS oldest FROM notice WHERE chat_id = chat.id AND message_id IS NULL) AS queued ON true
         LEFT JOIN LATERAL (SELECT count(*) AS count, min(created_at) AS oldest FROM message WHERE chat_id = chat.id AND state = 'pending') AS composed ON true
         WHERE chat.id = ANY($1::text[]) ORDER BY chat.id`,
};

export async function chatStatus(db: Database, ids: readonly string[]): Promise<ChatStatus[]> {
  const rows = await db.query<Omit<ChatStatus, 'oldestMs' | 'nextMs'> & { oldest: Date | null; next: Date }>(status, [ids]);
  return rows.map(({ oldest, next, ...rest }) => ({ ...rest, oldestMs: oldest?.getTime() ?? null, nextMs: next.getTime() }));
}

export const instantOrNull = (ms: number | null): string | null => (ms === null ? null : formatInstant(ms));
