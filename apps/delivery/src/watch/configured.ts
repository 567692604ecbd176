import type { Alerts, NewAlert } from '@schoolbell/messaging';
import type { Database, Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import { alertOf, lateAlert, parkedAlert } from '../destination/announce.ts';

/** How often a replica writes down that it has a destination in its configuration. */
const SEEN_EVERY_MS = 60_000;
/** A destination that no replica has seen for so long has left the configuration of all of them. */
export const LEFT_AFTER_MS = 600_000;

interface Seen {
  readonly id: string;
  readonly state: 'active' | 'paused' | 'disabled';
  readonly stateReason: string;
  readonly circuit: 'open' | 'closed';
  readonly circuitReason: string;
  /** It had left. */
  readonly returned: boolean;
}
interface Left extends Pick<Seen, 'id' | 'state' | 'circuit'> {
  readonly lateAlert: boolean;
  readonly parkedAlert: boolean;
}

// A row that is locked just now is left for the next look.
const see = {
  name: 'watch_see_configured',
  text: `WITH before AS MATERIALIZED (
           SELECT id, configured_at FROM destination
           WHERE id = ANY ($1::text[]) AND (configured_at IS NULL OR configured_at < $3) FOR NO KEY UPDATE SKIP LOCKED)
         UPDATE destination d SET configured_at = $2 FROM before WHERE d.id = before.id
         RETURNING d.id, d.state, d.state_reason AS "stateReason", d.circuit, d.circuit_reason AS "circuitReason",
           before.configured_at IS NULL AS returned`,
};
const leave = {
  name: 'watch_leave_configured',
  text: `WITH before AS MATERIALIZED (
           SELECT id, late_alert, parked_alert FROM destination
           WHERE id <> ALL ($1::text[]) AND configured_at < $2 FOR NO KEY UPDATE SKIP LOCKED)
         UPDATE destination d SET configured_at = NULL, late_alert = false, parked_alert = false FROM before WHERE d.id = before.id
         RETURNING d.id, d.state, d.circuit, before.late_alert AS "lateAlert", before.parked_alert AS "parkedAlert"`,
};

/**
 * End the alerts about destinations that left the configuration, once; and begin again what still holds for one that
 * comes back. Nobody asks about them any more, so nothing else would end them. By a time in the row and not by the
 * configuration of one replica: another that has not reloaded yet goes on sending, and telling.
 */
export function watchConfigured(db: Database, alerts: Alerts, ids: readonly string[], now: number): Promise<void> {
  return db.transaction(async (tx: Tx) => {
    const seen = await tx.query<Seen>(see, [ids, formatInstant(now), formatInstant(now - SEEN_EVERY_MS)]);
    const left = await tx.query<Left>(leave, [ids, formatInstant(now - LEFT_AFTER_MS)]);
    await alerts.raise(tx, [...seen.filter(({ returned }) => returned).flatMap(begun), ...left.flatMap(ended)]);
  });
}

/** Of one that is late, or where something is parked, the next look tells by itself. */
function begun({ id, state, stateReason, circuit, circuitReason }: Seen): NewAlert[] {
  const open = circuit === 'open' ? alertOf(id, { kind: 'circuit', circuit, reason: circuitReason }) : undefined;
  const disabled = state === 'disabled' ? alertOf(id, { kind: 'state', state, reason: stateReason }) : undefined;
  return [open, disabled].filter((alert) => alert !== undefined);
}

function ended({ id, state, circuit, ...told }: Left): NewAlert[] {
  const firing = [
    circuit === 'open' ? alertOf(id, { kind: 'circuit', circuit: 'closed', reason: '' }) : undefined,
    state === 'disabled' ? alertOf(id, { kind: 'state', state: 'active', reason: '' }) : undefined,
    told.lateAlert ? lateAlert(id) : undefined,
    told.parkedAlert ? parkedAlert(id) : undefined,
  ];
  const detail = 'The destination is configured no more. What is wanted there stays, and nothing is sent.';
  return firing.filter((alert) => alert !== undefined).map((alert) => ({ ...alert, state: 'resolved', detail }));
}
