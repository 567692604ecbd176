import type { Statement, Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import type { Notice } from '../problems/problem.ts';
import type { Composed } from './compose.ts';
import type { Keyboard, OutgoingMessage } from './keyboard.ts';
import type { StyledText } from './text.ts';

/** A message that waits to be sent, or is being sent. */
export interface PendingMessage extends Composed, OutgoingMessage {
  readonly id: string;
}

interface NoticeRow extends Omit<Notice, 'firstAtMs' | 'atMs' | 'escalations'> {
  readonly id: string;
  readonly firstAt: Date;
  readonly at: Date;
}

const pending: Statement = {
  name: 'message_pending',
  text: `SELECT id::text AS id, text, entities, alerts, keyboard, reply_to::float8 AS "replyTo" FROM message WHERE chat_id = $1 AND state = 'pending' ORDER BY id LIMIT 1`,
};
const waiting: Statement = {
  name: 'notice_waiting',
  text: `SELECT id::text AS id, fingerprint, phase, count, total, kind, service, severity, title, detail, first_at AS "firstAt", at
         FROM notice WHERE chat_id = $1 AND message_id IS NULL ORDER BY id LIMIT $2`,
};
const insert: Statement = {
  name: 'message_insert',
  text: `INSERT INTO message (chat_id, text, entities, alerts, state, created_at, keyboard, reply_to)
         VALUES ($1, $2, $3::jsonb, $4, 'pending', $5::timestamptz, $6::jsonb, $7::bigint) RETURNING id::text AS id`,
};
const decorate: Statement = { name: 'message_decorate', text: 'UPDATE message SET keyboard = $2::jsonb WHERE id = $1::bigint' };
const assign: Statement = { name: 'notice_assign', text: 'UPDATE notice SET message_id = $1::bigint WHERE id = ANY($2::bigint[])' };
const attempt: Statement = { name: 'message_attempt', text: 'UPDATE message SET attempts = attempts + 1 WHERE id = $1::bigint' };
const sent: Statement = {
  name: 'message_sent',
  text: `UPDATE message SET state = 'sent', sent_at = $2::timestamptz, telegram_id = $3::bigint WHERE id = $1::bigint AND state = 'pending'`,
};
const refused: Statement = { name: 'message_refused', text: `UPDATE message SET state = 'refused' WHERE id = $1::bigint AND state = 'pending'` };
const reword: Statement = { name: 'message_reword', text: `UPDATE message SET text = $2, entities = $3::jsonb, keyboard = NULL WHERE id = $1::bigint AND state = 'pending'` };
const insertSent: Statement = {
  name: 'message_insert_sent',
  text: `INSERT INTO message (chat_id, text, entities, alerts, state, attempts, created_at, sent_at, telegram_id)
         SELECT chat_id, text, entities, alerts, 'sent', 1, sent_at, sent_at, telegram_id
         FROM jsonb_to_recordset($1::jsonb) AS m(chat_id text, text text, entities jsonb, alerts integer, sent_at timestamptz, telegram_id bigint)`,
};

/** The message of the chat that was composed before and has not arrived yet. */
export async function pendingMessage(tx: Tx, chatId: string): Promise<PendingMessage | undefined> {
  const [row] = await tx.query<PendingMessage>(pending, [chatId]);
  return row;
}

/** What waits to be told to the chat, oldest first. The chat's row must be locked. */
export async function waitingNotices(tx: Tx, chatId: string, limit: number): Promise<{ id: string; notice: Notice }[]> {
  const rows = await tx.query<NoticeRow>(waiting, [chatId, limit]);
  return rows.map(({ id, firstAt, at, ...notice }) => ({ id, notice: { ...notice, firstAtMs: firstAt.getTime(), atMs: at.getTime(), escalations: 0 } }));
}

/** Writes a message down and takes its notices out of the queue. */
export async function insertMessage(tx: Tx, chatId: string, composed: Composed, noticeIds: readonly string[], nowMs: number): Promise<PendingMessage> {
  const { text, entities, alerts } = composed;
  const [row] = await tx.query<{ id: string }>(insert, [chatId, text, JSON.stringify(entities), alerts, formatInstant(nowMs), null, null]);
  const { id } = row!;
  await tx.query(assign, [id, noticeIds]);
  return { id, text, entities, alerts };
}

/** Buttons that name the message itself need its id first. */
export async function addKeyboard(tx: Tx, message: PendingMessage, keyboard: Keyboard): Promise<PendingMessage> {
  await tx.query(decorate, [message.id, JSON.stringify(keyboard)]);
  return { ...message, keyboard };
}

/** A message that tells of no alert: an answer, a question, a digest. The chat must have its row. */
export async function queueMessage(tx: Tx, chatId: string, { text, entities, keyboard, replyTo }: OutgoingMessage, nowMs: number): Promise<void> {
  const buttons = keyboard === undefined || keyboard === null ? null : JSON.stringify(keyboard);
  await tx.query(insert, [chatId, text, JSON.stringify(entities), 0, formatInstant(nowMs), buttons, replyTo ?? null]);
}

export async function countAttempt(tx: Tx, id: string): Promise<void> {
  await tx.query(attempt, [id]);
}

export async function markSent(tx: Tx, id: string, telegramId: number | null, nowMs: number): Promise<void> {
  await tx.query(sent, [id, formatInstant(nowMs), telegramId]);
}

export async function markRefused(tx: Tx, id: string): Promise<void> {
  await tx.query(refused, [id]);
}

export async function rewordMessage(tx: Tx, id: string, { text, entities }: StyledText): Promise<void> {
  await tx.query(reword, [id, text, JSON.stringify(entities)]);
}

/** A message that went out while the database was away. */
export interface SpokenMessage extends Composed {
  readonly chatId: string;
  readonly sentAtMs: number;
  readonly telegramId: number | null;
}

export async function insertSpoken(tx: Tx, messages: readonly SpokenMessage[]): Promise<void> {
  if (messages.length === 0) return;
  const rows = messages.map(({ chatId, text, entities, alerts, sentAtMs, telegramId }) => ({
    chat_id: chatId,
    text,
    entities,
    alerts,
    sent_at: formatInstant(sentAtMs),
    telegram_id: telegramId,
  }));
  await tx.query(insertSent, [JSON.stringify(rows)]);
}
