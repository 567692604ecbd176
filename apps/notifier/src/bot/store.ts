import type { Database, Statement, Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';

/** One refusal in so long, whatever somebody tries meanwhile. */
export const REFUSE_AGAIN_AFTER_MS = 24 * 3_600_000;

const handled: Statement = { name: 'update_handled', text: 'SELECT 1 FROM telegram_update WHERE update_id = $1::bigint' };
const claim: Statement = {
  name: 'update_claim',
  text: 'INSERT INTO telegram_update (update_id, handled_at) VALUES ($1::bigint, $2::timestamptz) ON CONFLICT DO NOTHING RETURNING 1',
};
const home: Statement = { name: 'chat_home', text: 'SELECT id FROM chat WHERE address = $1 LIMIT 1' };
const refuse: Statement = {
  name: 'stranger_refuse',
  text: `INSERT INTO stranger (user_id, refused_at) VALUES ($1::bigint, $2::timestamptz)
         ON CONFLICT (user_id) DO UPDATE SET refused_at = excluded.refused_at WHERE stranger.refused_at <= $3::timestamptz RETURNING 1`,
};

export async function isHandled(db: Database, updateId: number): Promise<boolean> {
  return (await db.query(handled, [updateId])).length > 0;
}

/** True for the transaction that may have the effect of the update; false when another one had it. */
export async function claimUpdate(tx: Tx, updateId: number, nowMs: number): Promise<boolean> {
  return (await tx.query(claim, [updateId, formatInstant(nowMs)])).length > 0;
}

/** The configured chat that Telegram has moved to this address. */
export async function homeOf(db: Database, address: string): Promise<string | undefined> {
  const [row] = await db.query<{ id: string }>(home, [address]);
  return row?.id;
}

/** True when this is the one time that the stranger is told. */
export async function noteStranger(db: Database, userId: number, nowMs: number): Promise<boolean> {
  return (await db.query(refuse, [userId, formatInstant(nowMs), formatInstant(nowMs - REFUSE_AGAIN_AFTER_MS)])).length > 0;
}
