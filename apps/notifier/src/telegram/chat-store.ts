import type { Statement, Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import type { Pace } from './pace.ts';

/** A chat as its row says. */
export interface Chat {
  readonly id: string;
  readonly address: string;
  readonly pace: Pace;
}

interface Row {
  readonly id: string;
  readonly address: string;
  readonly state: Pace['state'];
  readonly notBefore: Date;
  readonly burstUsedUntil: Date;
  readonly heldUntil: Date;
  readonly failures: number;
  readonly lastError: string | null;
}

const COLUMNS = `id, address, state, not_before AS "notBefore", burst_used_until AS "burstUsedUntil", held_until AS "heldUntil", failures, last_error AS "lastError"`;

const ensure: Statement = { name: 'chat_ensure', text: 'INSERT INTO chat (id, address) SELECT id, id FROM unnest($1::text[]) AS id ORDER BY id ON CONFLICT (id) DO NOTHING' };
// Two chats that Telegram holds at once mean that it holds the bot: then nobody sends.
const claim: Statement = {
  name: 'chat_claim',
  text: `SELECT ${COLUMNS} FROM chat
         WHERE id = ANY($1::text[]) AND not_before <= $2::timestamptz AND (lease_until IS NULL OR lease_until <= $2::timestamptz)
           AND (SELECT count(*) FROM chat WHERE id = ANY($1::text[]) AND held_until > $2::timestamptz) < 2
           AND (EXISTS (SELECT 1 FROM message WHERE message.chat_id = chat.id AND message.state = 'pending')
             OR EXISTS (SELECT 1 FROM notice WHERE notice.chat_id = chat.id AND notice.message_id IS NULL))
         ORDER BY not_before LIMIT 1 FOR UPDATE SKIP LOCKED`,
};
const lease: Statement = {
  name: 'chat_lease',
  text: 'UPDATE chat SET lease_token = $2::uuid, lease_until = $3::timestamptz, not_before = $4::timestamptz, burst_used_until = $5::timestamptz WHERE id = $1',
};
const lockLeased: Statement = { name: 'chat_lock_leased', text: `SELECT ${COLUMNS} FROM chat WHERE id = $1 AND lease_token = $2::uuid FOR UPDATE` };
const release: Statement = {
  name: 'chat_release',
  text: `UPDATE chat SET lease_token = NULL, lease_until = NULL, address = $3, state = $4, not_before = $5::timestamptz, burst_used_until = $6::timestamptz,
           held_until = $7::timestamptz, failures = $8, last_error = $9
         WHERE id = $1 AND lease_token = $2::uuid`,
};
const postpone: Statement = {
  name: 'chat_postpone',
  text: `UPDATE chat SET not_before = greatest(not_before, $2::timestamptz), burst_used_until = greatest(burst_used_until, $3::timestamptz) WHERE id = $1`,
};

export async function ensureChats(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await tx.query(ensure, [ids]);
}

/** A chat that may get a message now and has one waiting, locked until the end of the transaction. */
export async function lockReadyChat(tx: Tx, ids: readonly string[], nowMs: number): Promise<Chat | undefined> {
  const [row] = await tx.query<Row>(claim, [ids, formatInstant(nowMs)]);
  return row === undefined ? undefined : chatOf(row);
}

export async function leaseChat(tx: Tx, id: string, token: string, untilMs: number, pace: Pace): Promise<void> {
  await tx.query(lease, [id, token, formatInstant(untilMs), formatInstant(pace.notBeforeMs), formatInstant(pace.burstUsedUntilMs)]);
}

/** The chat, if the lease is still the caller's. */
export async function lockLeasedChat(tx: Tx, id: string, token: string): Promise<Chat | undefined> {
  const [row] = await tx.query<Row>(lockLeased, [id, token]);
  return row === undefined ? undefined : chatOf(row);
}

export async function releaseChat(tx: Tx, { id, address, pace }: Chat, token: string): Promise<void> {
  const { state, notBeforeMs, burstUsedUntilMs, heldUntilMs, failures, lastError } = pace;
  await tx.query(release, [id, token, address, state, formatInstant(notBeforeMs), formatInstant(burstUsedUntilMs), formatInstant(heldUntilMs), failures, lastError]);
}

/** Messages went to the chat past its row: the next one keeps its distance from them. */
export async function postponeChat(tx: Tx, id: string, pace: Pace): Promise<void> {
  await tx.query(postpone, [id, formatInstant(pace.notBeforeMs), formatInstant(pace.burstUsedUntilMs)]);
}

function chatOf({ id, address, state, notBefore, burstUsedUntil, heldUntil, failures, lastError }: Row): Chat {
  const times = { notBeforeMs: notBefore.getTime(), burstUsedUntilMs: burstUsedUntil.getTime(), heldUntilMs: heldUntil.getTime() };
  return { id, address, pace: { ...times, state, failures, lastError } };
}
