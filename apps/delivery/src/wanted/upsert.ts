import { bigintArray, instantArray, integerArray, textArray, type Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import { earnedUntil, RATE_BURST_SECONDS } from '../destination/allowance.ts';
import type { Limits } from '../destination/state.ts';

/** A newest revision, as it is wanted at one destination. */
export interface WantedRow {
  readonly destinationId: string;
  /** Whom it is about. It is written down only while the destination belongs to them. */
  readonly organizationId: string;
  readonly kind: 'summary' | 'rating';
  readonly key: string;
  readonly revision: number;
  readonly body: string;
}

/** A destination that may be claimed from at once, as far as this process knows, and until when such a lease lasts. */
export interface Candidate {
  readonly id: string;
  readonly limits: Limits;
  readonly leaseUntil: number;
}

const LEASED = 'w.lease_until IS NOT NULL';
const HELD = 'w.not_before > $7';
const FREE = `NOT (${LEASED}) AND (w.not_before IS NULL OR w.not_before <= $7)`;

// What `allowance` says, for the plain case: requests while the circuit is closed. In the statement itself, so that it
// travels together with the lock: one round trip less before a message may go out. A test compares the two.
const ROOM = `SELECT d.id, l.lease_until, purse.tokens, least(least(d.ramp, l.concurrency) - held.live, floor(purse.tokens)) AS count
           FROM unnest($9::text[], $10::int[], $11::float8[], $12::timestamptz[]) AS l (id, concurrency, rate, lease_until)
           JOIN destination d ON d.id = l.id
           CROSS JOIN LATERAL (
             SELECT least(greatest(1, l.rate * ${RATE_BURST_SECONDS}),
               d.tokens + greatest(0, (extract(epoch FROM $7::timestamptz - d.tokens_at) * 1000)::float8) * l.rate / 1000) AS tokens) AS purse
           CROSS JOIN LATERAL (
             SELECT coalesce(sum(c.live), 0) AS live FROM claim c WHERE c.destination_id = d.id AND c.lease_until > $7::timestamptz) AS held
           WHERE d.state = 'active' AND d.circuit = 'closed' AND (d.hold_until IS NULL OR d.hold_until <= $7::timestamptz)`;

// The organization is compared here and not only in the configuration: replicas may have read different files, and what
// is about one organization must never wait at the server of another. `ensureDestinations` waits for this statement.
const HOME = `SELECT d.id FROM unnest($13::text[], $14::text[]) AS home (id, organization_id)
           JOIN destination d ON d.id = home.id AND d.organization_id = home.organization_id`;

// Rows come sorted, and are locked in that order. Only `wanted_*` is written while a request is in flight: its mark
// sees that something newer is wanted. A newer revision has a fresh budget, and wakes a parked row; one that waits
// already keeps its turn. No indexed column changes where a row is leased at once, so that it stays on its page.
const upsert = {
  name: 'wanted_upsert',
  text: `WITH room AS MATERIALIZED (${ROOM}),
         home AS MATERIALIZED (${HOME}),
         wish AS MATERIALIZED (
           SELECT wish.*, CASE WHEN wish.nth <= room.count THEN room.lease_until END AS lease_until
           FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $8::int[])
             AS wish (destination_id, kind, key, revision, body, nth)
           JOIN home ON home.id = wish.destination_id
           LEFT JOIN room ON room.id = wish.destination_id),
         written AS (
           INSERT INTO wanted AS w (destination_id, kind, key, wanted_revision, body, wanted_since, due_at, lease_token,
                                    lease_until, lease_revision)
           SELECT destination_id, kind, key, revision, body, $7::timestamptz, CASE WHEN lease_until IS NULL THEN $7::timestamptz END,
                  CASE WHEN lease_until IS NOT NULL THEN $6::uuid END, lease_until,
                  CASE WHEN lease_until IS NOT NULL THEN revision END
           FROM wish
           ON CONFLICT (destination_id, kind, key) DO UPDATE SET
             wanted_revision = EXCLUDED.wanted_revision, body = EXCLUDED.body, replay_id = NULL,
             wanted_since = CASE WHEN num_nonnulls(w.due_at, w.lease_until, w.parked_at) = 0
                                 THEN EXCLUDED.wanted_since ELSE w.wanted_since END,
             attempts = 0, waited_ms = 0, last_failure = NULL, parked_at = NULL,
             due_at = CASE WHEN ${LEASED} THEN NULL WHEN ${HELD} THEN w.not_before
                           WHEN EXCLUDED.due_at IS NOT NULL THEN least(w.due_at, EXCLUDED.due_at) END,
             lease_token = CASE WHEN ${FREE} THEN EXCLUDED.lease_token ELSE w.lease_token END,
             lease_until = CASE WHEN ${FREE} THEN EXCLUDED.lease_until ELSE w.lease_until END,
             lease_revision = CASE WHEN ${FREE} THEN EXCLUDED.lease_revision ELSE w.lease_revision END
           WHERE w.wanted_revision < EXCLUDED.wanted_revision
           RETURNING destination_id, kind, key, lease_until, lease_token IS NOT DISTINCT FROM $6::uuid AS leased),
         claimed AS (
           INSERT INTO claim (destination_id, token, lease_until, live, kinds, keys)
           SELECT destination_id, $6::uuid, max(lease_until), count(*), array_agg(kind), array_agg(key)
           FROM written WHERE leased GROUP BY destination_id
           RETURNING destination_id, live),
         paid AS (
           UPDATE destination d SET tokens_at = ${earnedUntil('$7')}, tokens = room.tokens - claimed.live
           FROM claimed JOIN room ON room.id = claimed.destination_id WHERE d.id = room.id)
         SELECT destination_id AS "destinationId", kind, key FROM written WHERE leased`,
};

/** Rows of `upsertWanted` that are leased under its token and must be sent. */
export interface LeasedKey {
  readonly destinationId: string;
  readonly kind: WantedRow['kind'];
  readonly key: string;
}

/**
 * Write down what is wanted, where it is newer than what was; and lease the free ones among those that `candidates`
 * have room for. `rows` are sorted and have no key twice. The candidates are locked by a statement sent before.
 */
export function upsertWanted(
  tx: Tx,
  rows: readonly WantedRow[],
  token: string,
  candidates: readonly Candidate[],
  now: number,
): Promise<LeasedKey[]> {
  const homes = rows.filter(({ destinationId }, at) => rows[at - 1]?.destinationId !== destinationId);
  return tx.query<LeasedKey>(upsert, [
    textArray(rows.map(({ destinationId }) => destinationId)),
    textArray(rows.map(({ kind }) => kind)),
    textArray(rows.map(({ key }) => key)),
    bigintArray(rows.map(({ revision }) => revision)),
    textArray(rows.map(({ body }) => body)),
    token,
    formatInstant(now),
    integerArray(numbered(rows)),
    textArray(candidates.map(({ id }) => id)),
    integerArray(candidates.map(({ limits }) => limits.concurrency)),
    candidates.map(({ limits }) => limits.ratePerSecond),
    instantArray(candidates.map(({ leaseUntil }) => leaseUntil)),
    homes.map(({ destinationId }) => destinationId),
    homes.map(({ organizationId }) => organizationId),
  ]);
}

/** The how manieth of its destination each row is, from 1 on. */
function numbered(rows: readonly WantedRow[]): number[] {
  let nth = 0;
  return rows.map(({ destinationId }, at) => (nth = rows[at - 1]?.destinationId === destinationId ? nth + 1 : 1));
}
