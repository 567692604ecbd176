import { createHash, randomBytes } from 'node:crypto';
import type { Statement, Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';

/**
 * A browser's EventSource cannot send a bearer header. A ticket in the address opens the live inbox of the person who
 * asked for it: once, within seconds, so that one that is found in a log or a history opens nothing.
 */
const TICKET_BYTES = 32;
export const TICKET_TTL_MS = 30_000;
/** Unused ones of one person; of more the oldest are void. */
const TICKETS_MAX = 10;
/** Of 32 bytes in base64url. */
export const TICKET_PATTERN = /^[A-Za-z0-9_-]{43}$/;

const insert: Statement = { name: 'ticket_insert', text: 'INSERT INTO inbox_ticket (hash, reader_id, expires_at) VALUES ($1, $2, $3::timestamptz)' };
const prune: Statement = {
  name: 'ticket_prune',
  text: `DELETE FROM inbox_ticket
          WHERE hash IN (SELECT hash FROM inbox_ticket WHERE reader_id = $1 ORDER BY expires_at DESC OFFSET $2)`,
};
const use: Statement = { name: 'ticket_use', text: 'DELETE FROM inbox_ticket WHERE hash = $1 RETURNING reader_id AS "readerId", expires_at AS "expiresAt"' };

const digest = (ticket: string): Buffer => createHash('sha256').update(ticket).digest();

/** A new ticket. Only its hash is kept. */
export async function mintTicket(tx: Tx, readerId: string, nowMs: number): Promise<{ ticket: string; expiresAtMs: number }> {
  const ticket = randomBytes(TICKET_BYTES).toString('base64url');
  const expiresAtMs = nowMs + TICKET_TTL_MS;
  await tx.query(insert, [digest(ticket), readerId, formatInstant(expiresAtMs)]);
  await tx.query(prune, [readerId, TICKETS_MAX]);
  return { ticket, expiresAtMs };
}

/** Whose inbox the ticket opens; it is used up by asking. Undefined: unknown, used, or too late. */
export async function useTicket(db: Pick<Tx, 'query'>, ticket: string, nowMs: number): Promise<string | undefined> {
  const [row] = await db.query<{ readerId: string; expiresAt: Date }>(use, [digest(ticket)]);
  return row !== undefined && row.expiresAt.getTime() > nowMs ? row.readerId : undefined;
}
