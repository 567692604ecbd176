import type { Statement, Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import type { Act } from './act.ts';

/** Who did something: a token over HTTP, or an account of Telegram in a chat. */
export interface Actor {
  readonly by: string;
  readonly telegram?: { readonly userId: number; readonly chatId: string };
}

/** One act of a person, as it is kept. */
export interface Deed {
  readonly kind: 'acknowledge' | 'mute' | Act['kind'];
  /** Of the problem that it was done to, if it was one. */
  readonly fingerprint?: string;
  readonly target?: string;
  readonly detail: string;
}

const insert: Statement = {
  name: 'action_record',
  text: `INSERT INTO action (fingerprint, kind, by, detail, at, target, via, user_id, chat_id)
         VALUES ($1, $2, $3, $4, $5::timestamptz, $6, $7, $8::bigint, $9)`,
};

/** In the transaction of its effect. */
export async function recordDeed(tx: Tx, { by, telegram }: Actor, { kind, fingerprint, target, detail }: Deed, nowMs: number): Promise<void> {
  const via = telegram === undefined ? 'http' : 'telegram';
  await tx.query(insert, [fingerprint ?? null, kind, by, detail, formatInstant(nowMs), target ?? null, via, telegram?.userId ?? null, telegram?.chatId ?? null]);
}
