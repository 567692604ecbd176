import type { Database } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';

const count = {
  name: 'scheduling_count_awaiting',
  text: `SELECT status, count(*)::int AS lessons, count(*) FILTER (WHERE next_action_at < $1::timestamptz)::int AS overdue
           FROM lesson WHERE status IN ('offered', 'awaiting', 'lapsed') GROUP BY status`,
};

/** How many lessons await a new time, by status; `overdue`: their next action was due before the instant. */
export function countAwaiting(db: Database, overdueBeforeMs: number): Promise<{ status: string; lessons: number; overdue: number }[]> {
  return db.query(count, [formatInstant(overdueBeforeMs)]);
}
