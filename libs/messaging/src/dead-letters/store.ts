import type { Database, Tx } from '@schoolbell/service-kit';

/** An event that could not be handled, about to be parked. */
export interface NewDeadLetter {
  readonly durable: string;
  readonly eventId: string;
  readonly type: string;
  readonly body: Uint8Array;
  readonly code: string;
  readonly detail: string;
}

/** A parked event. Times are RFC 3339 in UTC. */
export interface DeadLetter {
  readonly id: string;
  readonly durable: string;
  readonly eventId: string;
  readonly type: string;
  readonly code: string;
  readonly detail: string;
  readonly state: 'open' | 'replayed';
  readonly createdAt: string;
  readonly closedAt: string | null;
}

const columns = `id::text AS id, durable, event_id AS "eventId", type, code, detail, state,
  to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "createdAt",
  to_char(closed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "closedAt"`;

const insert = {
  name: 'dead_letter_insert',
  text: `INSERT INTO dead_letter (durable, event_id, type, body, code, detail)
         SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::text[], $6::text[])
         ON CONFLICT (durable, event_id) DO UPDATE
         SET body = excluded.body, code = excluded.code, detail = excluded.detail, state = 'open', closed_at = NULL`,
};
const list = {
  name: 'dead_letter_list',
  text: `SELECT ${columns} FROM dead_letter
         WHERE state = $1 AND ($4::text IS NULL OR durable = $4) AND ($2::uuid IS NULL OR (created_at, id) > (SELECT created_at, id FROM dead_letter WHERE id = $2::uuid))
         ORDER BY created_at, id LIMIT $3`,
};
const find = { name: 'dead_letter_find', text: `SELECT ${columns}, body FROM dead_letter WHERE id = $1` };
const count = {
  name: 'dead_letter_count',
  text: `SELECT count(*)::int AS count FROM dead_letter WHERE state = 'open' AND ($1::text IS NULL OR durable = $1)`,
};
const close = {
  name: 'dead_letter_close',
  text: `UPDATE dead_letter SET state = 'replayed', closed_at = now() WHERE id = $1 AND state = 'open' RETURNING id`,
};

/** Park events in the transaction that would have been their effect. Parking the same event again opens its row. */
export async function insertDeadLetters(tx: Tx, letters: readonly NewDeadLetter[]): Promise<void> {
  if (letters.length === 0) return;
  // ON CONFLICT cannot touch a row twice in one statement; the last word about an event counts.
  const unique = [...new Map(letters.map((letter) => [`${letter.durable} ${letter.eventId}`, letter])).values()];
  await tx.query(insert, [
    unique.map(({ durable }) => durable),
    unique.map(({ eventId }) => eventId),
    unique.map(({ type }) => type),
    unique.map(({ body }) => body),
    unique.map(({ code }) => code),
    unique.map(({ detail }) => detail),
  ]);
}

/** Oldest first, after the row `after`. */
export function listDeadLetters(
  db: Database,
  { state, after, limit, durable }: { state: DeadLetter['state']; after: string | null; limit: number; durable?: string | undefined },
): Promise<DeadLetter[]> {
  return db.query<DeadLetter>(list, [state, after, limit, durable ?? null]);
}

export async function findDeadLetter(db: Database, id: string): Promise<(DeadLetter & { body: Buffer }) | undefined> {
  const [row] = await db.query<DeadLetter & { body: Buffer }>(find, [id]);
  return row;
}

/** Open ones. */
export async function countDeadLetters(db: Database, durable?: string): Promise<number> {
  const [row] = await db.query<{ count: number }>(count, [durable ?? null]);
  return row?.count ?? 0;
}

/** True when this call closed it, false when it was closed already. */
export async function closeDeadLetter(tx: Tx, id: string): Promise<boolean> {
  return (await tx.query(close, [id])).length === 1;
}
