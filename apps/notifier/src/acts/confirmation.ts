import type { Database, Statement, Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import { Act } from './act.ts';

/** Long enough to read the question, short enough that nobody presses an old one by accident. */
export const CONFIRM_WITHIN_MS = 120_000;

/** A dangerous act that waits for a second press of the person who asked for it. */
export interface Confirmation {
  readonly id: string;
  readonly chatId: string;
  readonly userId: number;
  readonly userName: string;
  readonly act: Act;
  readonly state: 'open' | 'confirmed' | 'cancelled';
  readonly expiresAtMs: number;
  /** The update whose press began the act. */
  readonly begunBy: number | null;
}

export type Verdict = 'go' | 'not-yours' | 'closed' | 'expired' | 'interrupted';

/**
 * May this person answer the question now? At its end it is too late. A press that comes again after it began the act in
 * time was interrupted: it may have happened.
 */
export function judge({ userId, state, expiresAtMs, begunBy }: Confirmation, press: { userId: number; updateId: number }, nowMs: number): Verdict {
  if (userId !== press.userId) return 'not-yours';
  if (state !== 'open') return 'closed';
  if (nowMs < expiresAtMs) return 'go';
  return begunBy === press.updateId ? 'interrupted' : 'expired';
}

const insert: Statement = {
  name: 'confirmation_insert',
  text: `INSERT INTO confirmation (id, chat_id, user_id, user_name, act, created_at, expires_at)
         VALUES ($1::uuid, $2, $3::bigint, $4, $5::jsonb, $6::timestamptz, $7::timestamptz)`,
};
const find: Statement = {
  name: 'confirmation_find',
  text: `SELECT id::text AS id, chat_id AS "chatId", user_id::float8 AS "userId", user_name AS "userName", act, state, expires_at AS "expiresAt", begun_by::float8 AS "begunBy"
         FROM confirmation WHERE id = $1::uuid`,
};
const begin: Statement = { name: 'confirmation_begin', text: `UPDATE confirmation SET begun_by = $2::bigint WHERE id = $1::uuid AND state = 'open'` };
const close: Statement = { name: 'confirmation_close', text: `UPDATE confirmation SET state = $2 WHERE id = $1::uuid AND state = 'open' RETURNING 1` };

export async function insertConfirmation(tx: Tx, { id, chatId, userId, userName, act }: Omit<Confirmation, 'state' | 'expiresAtMs' | 'begunBy'>, nowMs: number): Promise<void> {
  await tx.query(insert, [id, chatId, userId, userName, JSON.stringify(act), formatInstant(nowMs), formatInstant(nowMs + CONFIRM_WITHIN_MS)]);
}

export async function findConfirmation(db: Database, id: string): Promise<Confirmation | undefined> {
  const [row] = await db.query<Omit<Confirmation, 'expiresAtMs'> & { expiresAt: Date }>(find, [id]);
  if (row === undefined) return undefined;
  const { expiresAt, act, ...rest } = row;
  return { ...rest, act: Act.parse(act), expiresAtMs: expiresAt.getTime() };
}

/** To be committed before the act is asked for: whoever comes after a crash knows by it what may have happened. */
export async function beginConfirmation(db: Database, id: string, updateId: number): Promise<void> {
  await db.query(begin, [id, updateId]);
}

/** True for the one who closes it. */
export async function closeConfirmation(tx: Tx, id: string, state: 'confirmed' | 'cancelled'): Promise<boolean> {
  return (await tx.query(close, [id, state])).length > 0;
}
