import type { Database } from '@schoolbell/service-kit';

/** One replica does it. */
export const LEADER_LOCK = 7_265_100;

const LEAD = 'SELECT pg_try_advisory_lock($1) AS leads';
const LEAVE = 'SELECT pg_advisory_unlock($1)';

/**
 * Does the work if no other replica does; undefined otherwise. The lead is a lock of a session that does nothing else: a
 * transaction that idles while the work goes on beside it is ended by the server. If the connection breaks, another replica
 * may begin the same work: each package is locked and read anew, so the later one finds it done.
 */
export async function leading<T>({ pool }: Pick<Database, 'pool'>, work: () => Promise<T>): Promise<T | undefined> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    const { rows } = await client.query<{ leads: boolean }>(LEAD, [LEADER_LOCK]);
    if (rows[0]?.leads !== true) return undefined;
    try {
      return await work();
    } finally {
      // A connection that cannot be asked is not used again; its end releases the lock.
      await client.query(LEAVE, [LEADER_LOCK]).catch((error: Error) => (broken = error));
    }
  } finally {
    client.release(broken);
  }
}
