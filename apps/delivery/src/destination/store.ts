import type { Database, Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import type { DestinationState } from './state.ts';

/** Milliseconds since the epoch, of a column or expression. */
export const msOf = (sql: string): string => `(extract(epoch FROM ${sql}) * 1000)::float8`;
/** A parameter that may be null, as an instant. */
export const instantOrNull = (ms: number | null): string | null => (ms === null ? null : formatInstant(ms));

const COLUMNS = `id, organization_id AS "organizationId", state, circuit, circuit_reason AS "circuitReason",
  generation::float8 AS generation, probe_token::text AS "probeToken", ${msOf('probe_until')} AS "probeUntil",
  ${msOf('probe_not_before')} AS "probeNotBefore", ${msOf('hold_until')} AS "holdUntil", hold_reason AS "holdReason",
  throttles, tokens, ${msOf('tokens_at')} AS "tokensAt", ramp, ${msOf('release_before')} AS "releaseBefore"`;

// Always the first statement of its transaction, and in the order of the ids.
const lock = {
  name: 'destination_lock',
  text: `SELECT ${COLUMNS} FROM destination WHERE id = ANY ($1::text[]) ORDER BY id FOR NO KEY UPDATE`,
};
const live = {
  name: 'destination_live_leases',
  text: `SELECT destination_id AS id, sum(live)::int AS live FROM claim
         WHERE destination_id = ANY ($1::text[]) AND lease_until > $2 GROUP BY destination_id`,
};
const save = {
  name: 'destination_save',
  text: `UPDATE destination SET state = $2, circuit = $3, circuit_reason = $4, generation = $5, probe_token = $6,
           probe_until = $7, probe_not_before = $8, hold_until = $9, hold_reason = $10, throttles = $11, ramp = $12,
           release_before = $13,
           circuit_since = CASE WHEN circuit = $3 THEN circuit_since ELSE $14 END,
           state_since = CASE WHEN state = $2 THEN state_since ELSE $14 END,
           state_reason = CASE WHEN state = $2 THEN state_reason ELSE $15 END
         WHERE id = $1`,
};

/** Lock destinations. The first statement of every transaction that claims or changes one. */
export function lockDestinations(tx: Tx, ids: readonly string[]): Promise<DestinationState[]> {
  return tx.query<DestinationState>(lock, [ids]);
}

/**
 * Count the leases of all replicas that have not run out. A statement of its own, sent after the lock: it must see
 * what was committed while the lock was waited for.
 */
export async function countLive(tx: Tx, ids: readonly string[], now: number): Promise<(id: string) => number> {
  const rows = await tx.query<{ id: string; live: number }>(live, [ids, formatInstant(now)]);
  const counts = new Map(rows.map((row) => [row.id, row.live]));
  return (id) => counts.get(id) ?? 0;
}

/** Write what `react` made of a destination. Tokens are written by the claims. */
export async function saveDestination(tx: Tx, state: DestinationState, stateReason: string, now: number): Promise<void> {
  await tx.query(save, [
    state.id,
    state.state,
    state.circuit,
    state.circuitReason,
    state.generation,
    state.probeToken,
    instantOrNull(state.probeUntil),
    instantOrNull(state.probeNotBefore),
    instantOrNull(state.holdUntil),
    state.holdReason,
    state.throttles,
    state.ramp,
    instantOrNull(state.releaseBefore),
    formatInstant(now),
    stateReason,
  ]);
}

const ensure = {
  name: 'destination_ensure',
  text: `INSERT INTO destination (id, organization_id, state, state_reason, state_since, circuit_since, tokens, tokens_at, configured_at)
         SELECT id, organization_id, state, state_reason, $5, $5, 1, $5, $5
         FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS d (id, organization_id, state, state_reason)
         ORDER BY id ON CONFLICT (id) DO NOTHING`,
};
const moved = {
  name: 'destination_moved',
  text: `UPDATE destination SET organization_id = d.organization_id
         FROM unnest($1::text[], $2::text[]) AS d (id, organization_id)
         WHERE destination.id = d.id AND destination.organization_id <> d.organization_id RETURNING destination.id`,
};
// Whoever writes down what is wanted compares the organization when it begins: those under way end first and are
// forgotten too, and the next see the move. It is rare, so all may wait for it.
const settle = { name: 'wanted_settle', text: 'LOCK TABLE wanted IN SHARE ROW EXCLUSIVE MODE' };
const forget = {
  name: 'wanted_forget',
  text: `WITH claims AS (DELETE FROM claim WHERE destination_id = ANY ($1::text[]))
         DELETE FROM wanted WHERE destination_id = ANY ($1::text[])`,
};

/** Why a destination that was never resumed does not send: the cutover is not done. */
export const CUTOVER_REASON = 'startPaused: waiting for the end of the cutover';

/**
 * Make the rows of new destinations. Rows of removed ones stay and are inert. What was wanted at a destination that
 * now belongs to another organization is forgotten: it must never reach the other one. Returns the ids of these.
 */
export async function ensureDestinations(
  db: Database,
  list: readonly { readonly id: string; readonly organizationId: string; readonly startPaused: boolean }[],
  now: number,
): Promise<readonly string[]> {
  if (list.length === 0) return [];
  const sorted = [...list].sort((a, b) => (a.id < b.id ? -1 : 1));
  const [ids, organizations] = [sorted.map(({ id }) => id), sorted.map(({ organizationId }) => organizationId)];
  return db.transaction(async (tx) => {
    await tx.query(lock, [ids]);
    const states = sorted.map(({ startPaused }) => (startPaused ? 'paused' : 'active'));
    const reasons = sorted.map(({ startPaused }) => (startPaused ? CUTOVER_REASON : 'configured'));
    await tx.query(ensure, [ids, organizations, states, reasons, formatInstant(now)]);
    const others = (await tx.query<{ id: string }>(moved, [ids, organizations])).map(({ id }) => id);
    if (others.length > 0) {
      await tx.query(settle, []);
      await tx.query(forget, [others]);
    }
    return others;
  });
}
