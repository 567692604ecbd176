import type { Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import { earnedUntil } from '../destination/allowance.ts';
import type { DestinationState } from '../destination/state.ts';
import type { Job } from './job.ts';

interface ClaimedRow {
  readonly kind: Job['kind'];
  readonly key: string;
  readonly revision: number;
  readonly replayId: string | null;
  readonly attempts: number;
  readonly waitedMs: number;
  readonly body: string;
}

const TAKE = `UPDATE wanted w SET due_at = NULL, lease_token = $4, lease_until = $5, lease_revision = w.wanted_revision
  FROM picked WHERE w.ctid = picked.ctid
  RETURNING w.kind, w.key, w.wanted_revision::float8 AS revision, w.replay_id::text AS "replayId", w.attempts,
    w.waited_ms::float8 AS "waitedMs", w.body`;

// One row says what was claimed and one what it costs.
const NOTE = `noted AS (
           INSERT INTO claim (destination_id, token, lease_until, live, kinds, keys)
           SELECT $1, $4, $5, count(*), array_agg(kind), array_agg(key) FROM claimed HAVING count(*) > 0
           RETURNING live),
         spent AS (UPDATE destination SET tokens = $6::float8 - noted.live, tokens_at = ${earnedUntil('$2')} FROM noted WHERE id = $1)`;

// The destination's row is locked, so the rivals are those who mark rows in flight, and replays. A row that a replay
// moved between the look and the lock has another place by then: it is left for the next claim.
const claimDue = {
  name: 'wanted_claim_due',
  text: `WITH picked AS MATERIALIZED (
           SELECT ctid FROM wanted WHERE destination_id = $1 AND due_at <= $2
           ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED),
         claimed AS (${TAKE}),
         ${NOTE}
         SELECT * FROM claimed`,
};
// The one that waits longest, whether its own next time has come or not; but not what its destination asked to wait.
const claimProbe = {
  name: 'wanted_claim_probe',
  text: `WITH picked AS MATERIALIZED (
           SELECT ctid FROM wanted
           WHERE destination_id = $1 AND due_at IS NOT NULL AND (not_before IS NULL OR not_before <= $2)
           ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED),
         claimed AS (${TAKE}),
         ${NOTE}
         SELECT * FROM claimed`,
};

export interface ClaimOptions {
  readonly state: DestinationState;
  readonly count: number;
  readonly tokens: number;
  readonly token: string;
  readonly leaseUntil: number;
  readonly probe: boolean;
  readonly now: number;
}

/** Take the rows that wait longest and pay for them. The caller holds the destination's lock. */
export async function claim(tx: Tx, options: ClaimOptions): Promise<Job[]> {
  const { state, count, tokens, token, leaseUntil, probe, now } = options;
  const values = [state.id, formatInstant(now), count, token, formatInstant(leaseUntil), tokens];
  const rows = await tx.query<ClaimedRow>(probe ? claimProbe : claimDue, values);
  return rows.map((row) => ({ ...row, destinationId: state.id, organizationId: state.organizationId, token, leaseUntil, generation: state.generation, probe }));
}
