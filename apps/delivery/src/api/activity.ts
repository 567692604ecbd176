import type { Database } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';

const count = {
  name: 'attempts_since',
  text: `SELECT count(*) FILTER (WHERE outcome = 'success')::int AS delivered, count(*) FILTER (WHERE outcome <> 'success')::int AS failed
         FROM attempt WHERE day >= ($1::timestamptz AT TIME ZONE 'UTC')::date AND at >= $1::timestamptz AND kind <> 'test'`,
};

/** Requests since an instant, by whether the destination took them. Reads the partitions of these days. */
export async function countAttempts(db: Database, sinceMs: number): Promise<{ delivered: number; failed: number }> {
  const [row] = await db.query<{ delivered: number; failed: number }>(count, [formatInstant(sinceMs)]);
  return row ?? { delivered: 0, failed: 0 };
}
