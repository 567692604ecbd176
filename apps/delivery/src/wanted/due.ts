import type { Database, Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import { msOf } from '../destination/store.ts';

/** Rows per statement of the sweeps. */
const SWEEP_MAX = 1_000;

const nextDue = {
  name: 'wanted_next_due',
  text: `SELECT d.id, d.release_before IS NOT NULL AS "mustRelease", d.circuit = 'open' AS open,
           ${msOf('greatest(d.hold_until, d.probe_not_before, d.probe_until)')} AS "notBefore",
           ${msOf('due.at')} AS "dueAt"
         FROM destination d
         CROSS JOIN LATERAL (SELECT due_at AS at FROM wanted w WHERE w.destination_id = d.id AND w.due_at IS NOT NULL
                             ORDER BY due_at LIMIT 1) AS due
         WHERE d.id = ANY ($1::text[]) AND d.state = 'active'`,
};

/** A destination where something waits that may be sent at some time. */
export interface DueDestination {
  readonly id: string;
  readonly mustRelease: boolean;
  readonly open: boolean;
  /** End of a hold, or time of the next probe. */
  readonly notBefore: number | null;
  readonly dueAt: number;
}

const databaseTime = { name: 'database_time', text: `SELECT ${msOf('clock_timestamp()')} AS now` };

export async function readDatabaseTime(db: Database): Promise<number> {
  const [row] = await db.query<{ now: number }>(databaseTime, []);
  return row!.now;
}

export function findDue(db: Database, ids: readonly string[]): Promise<DueDestination[]> {
  return db.query<DueDestination>(nextDue, [ids]);
}

// `due_at` in the future means a failure; what failed before the circuit closed is tried again now.
const release = {
  name: 'wanted_release',
  text: `WITH early AS MATERIALIZED (
           SELECT ctid FROM wanted
           WHERE destination_id = $1 AND due_at > $2 AND (not_before IS NULL OR not_before <= $2)
           ORDER BY due_at DESC LIMIT ${SWEEP_MAX} FOR UPDATE SKIP LOCKED)
         UPDATE wanted w SET due_at = $2 FROM early WHERE w.ctid = early.ctid
         RETURNING 1 AS one`,
};

/** Make a portion of the rows due that wait for their next attempt. True when none is left. */
export async function releaseWaiting(tx: Tx, destinationId: string, now: number): Promise<boolean> {
  const rows = await tx.query<{ one: number }>(release, [destinationId, formatInstant(now)]);
  return rows.length < SWEEP_MAX;
}
