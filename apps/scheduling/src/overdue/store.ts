import type { Database, Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';

/** Lessons, and groups that are asked about, whose next action nobody has carried out, or that have none. */
export interface Overdue {
  readonly count: number;
  /** When the oldest action was due; null when a lesson has none at all, which is worse. */
  readonly since: Date | null;
  readonly what: 'lesson' | 'package';
  readonly id: string;
}

// The constraint refuses an awaiting lesson without a next action; this asks whether it is right.
const find = {
  name: 'scheduling_find_overdue',
  text: `WITH late AS (
           SELECT 'lesson' AS what, id, next_action_at AS since FROM lesson WHERE next_action_at < $1::timestamptz
           UNION ALL
           SELECT 'package', id, ask_at FROM package WHERE ask_at < $1::timestamptz
           UNION ALL
           SELECT 'lesson', id, NULL FROM lesson WHERE status IN ('offered', 'awaiting', 'lapsed') AND next_action_at IS NULL)
         SELECT count(*) OVER ()::int AS count, since, what, id FROM late ORDER BY since NULLS FIRST, id LIMIT 1`,
};
const open = { name: 'scheduling_open_alert', text: 'INSERT INTO open_alert (fingerprint, opened_at) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING fingerprint' };
const end = { name: 'scheduling_end_alert', text: 'DELETE FROM open_alert WHERE fingerprint = $1 RETURNING fingerprint' };

/** What was due before the instant; undefined when nothing was. */
export const findOverdue = async (db: Pick<Database, 'query'>, beforeMs: number): Promise<Overdue | undefined> =>
  (await db.query<Overdue>(find, [formatInstant(beforeMs)]))[0];

/** True for the one who begins it. */
export const openAlert = async (tx: Tx, fingerprint: string, now: number): Promise<boolean> =>
  (await tx.query(open, [fingerprint, formatInstant(now)])).length === 1;

/** True for the one who ends it. */
export const endAlert = async (tx: Tx, fingerprint: string): Promise<boolean> => (await tx.query(end, [fingerprint])).length === 1;
