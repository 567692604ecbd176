import type { Database, Tx } from '@schoolbell/service-kit';
import { msOf } from '../destination/store.ts';
import { leasedRows } from '../wanted/recover.ts';

/** What waits at one destination. */
export interface Waiting {
  readonly id: string;
  readonly organizationId: string;
  readonly state: 'active' | 'paused' | 'disabled';
  readonly stateReason: string;
  readonly circuit: 'open' | 'closed';
  readonly due: number;
  readonly leased: number;
  readonly parked: number;
  /** Since when the oldest of what is wanted, and not parked, has been wanted. */
  readonly oldestSince: number | null;
  readonly lateAlert: boolean;
  readonly parkedAlert: boolean;
}

const waiting = {
  name: 'watch_waiting',
  text: `SELECT d.id, d.organization_id AS "organizationId", d.state, d.state_reason AS "stateReason", d.circuit,
           d.late_alert AS "lateAlert", d.parked_alert AS "parkedAlert", due.count AS due, leased.count AS leased,
           parked.count AS parked, ${msOf('least(due.oldest, leased.oldest)')} AS "oldestSince"
         FROM destination d
         CROSS JOIN LATERAL (SELECT count(*)::int, min(wanted_since) AS oldest FROM wanted w
                             WHERE w.destination_id = d.id AND w.due_at IS NOT NULL) AS due
         CROSS JOIN LATERAL (SELECT count(*)::int, min(leased.since) AS oldest
                             FROM claim c CROSS JOIN LATERAL ${leasedRows('w.wanted_since AS since')}
                             WHERE c.destination_id = d.id) AS leased
         CROSS JOIN LATERAL (SELECT count(*)::int FROM wanted w
                             WHERE w.destination_id = d.id AND w.parked_at IS NOT NULL) AS parked
         WHERE d.id = ANY ($1::text[])`,
};

export const countWaiting = (db: Database, ids: readonly string[]): Promise<Waiting[]> => db.query<Waiting>(waiting, [ids]);

// Who changes the flag raises the alert: of several replicas one.
const setLate = {
  name: 'watch_set_late',
  text: 'UPDATE destination SET late_alert = $2 WHERE id = $1 AND late_alert <> $2 RETURNING id',
};
const setParked = {
  name: 'watch_set_parked',
  text: 'UPDATE destination SET parked_alert = $2 WHERE id = $1 AND parked_alert <> $2 RETURNING id',
};

export async function flagLate(tx: Tx, id: string, late: boolean): Promise<boolean> {
  return (await tx.query(setLate, [id, late])).length > 0;
}

export async function flagParked(tx: Tx, id: string, parked: boolean): Promise<boolean> {
  return (await tx.query(setParked, [id, parked])).length > 0;
}
