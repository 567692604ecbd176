import type { Database } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';

/** Claims of one transaction: each has at most as many rows as its destination's concurrency. */
const CLAIMS_MAX = 50;
/** A row whose sender was lost again and again, perhaps through its message, waits longer each time. */
const LOST_STEP_SECONDS = 5;
const LOST_STEPS_MAX = 60;

const FREED = `lease_token = NULL, lease_until = NULL, lease_revision = NULL, attempts = w.attempts + 1,
             last_failure = 'the sender was lost, the outcome is unknown',
             due_at = $1::timestamptz + make_interval(secs => ${LOST_STEP_SECONDS} * least(w.attempts, ${LOST_STEPS_MAX}))`;

/** What the claims named `c` still hold, to be joined laterally: each row is looked up by its key. */
export const leasedRows = (columns: string, locking = 'OFFSET 0'): string =>
  `unnest(c.kinds, c.keys) AS held (kind, key) CROSS JOIN LATERAL (
     SELECT ${columns} FROM wanted w WHERE w.destination_id = c.destination_id AND w.kind = held.kind AND w.key = held.key
       AND w.lease_token = c.token ${locking}) AS leased`;

const find = {
  name: 'claim_find_lost',
  text: `SELECT token::text AS token FROM claim WHERE lease_until <= $1 ORDER BY lease_until LIMIT ${CLAIMS_MAX}`,
};
// A row that is being marked just now is left to its mark, or to the next look.
const free = {
  name: 'claim_free_lost',
  text: `WITH lost AS MATERIALIZED (
           SELECT destination_id, token, kinds, keys FROM claim WHERE token = ANY ($2::uuid[]) AND lease_until <= $1 FOR UPDATE SKIP LOCKED),
         held AS MATERIALIZED (
           SELECT leased.place FROM lost AS c CROSS JOIN LATERAL ${leasedRows('w.ctid AS place', 'FOR UPDATE SKIP LOCKED')})
         UPDATE wanted w SET ${FREED} FROM held WHERE w.ctid = held.place
         RETURNING w.destination_id AS "destinationId"`,
};
const forget = {
  name: 'claim_forget_lost',
  text: `DELETE FROM claim AS c WHERE token = ANY ($2::uuid[]) AND lease_until <= $1 AND NOT EXISTS (SELECT FROM ${leasedRows('1')})`,
};

/** Free the rows whose lease ran out: the process that held them is gone or was stopped for long. */
export async function recoverLost(db: Database, now: number): Promise<readonly { readonly destinationId: string }[]> {
  const at = formatInstant(now);
  const tokens = (await db.query<{ token: string }>(find, [at])).map(({ token }) => token);
  if (tokens.length === 0) return [];
  return db.transaction(async (tx) => {
    const [rows] = await Promise.all([tx.query<{ destinationId: string }>(free, [at, tokens]), tx.query(forget, [at, tokens])]);
    return rows;
  });
}

// No claim knows of these: somebody wrote into the table by hand, or a process of an older version leased them. It reads
// the whole table, so it is for rare occasions.
const adopt = {
  name: 'wanted_free_unclaimed',
  text: `UPDATE wanted w SET ${FREED}
         WHERE w.lease_until <= $1 AND NOT EXISTS (
           SELECT FROM claim c WHERE c.destination_id = w.destination_id AND c.token = w.lease_token)
         RETURNING w.destination_id AS "destinationId"`,
};

/** Free the rows whose lease ran out and belongs to no claim. There should be none. */
export function recoverUnclaimed(db: Database, now: number): Promise<readonly { readonly destinationId: string }[]> {
  return db.query(adopt, [formatInstant(now)]);
}
