import type { Database, Statement, Tx } from '@schoolbell/service-kit';
import type { Problem } from '../problems/problem.ts';

/** A problem as its buttons need it. */
export interface Pressable extends Pick<Problem, 'fingerprint' | 'kind' | 'service' | 'severity' | 'title' | 'detail' | 'labels' | 'state' | 'total' | 'acknowledgedBy'> {
  readonly id: bigint;
  /** Beginning of its episode. */
  readonly firstAtMs: number;
  readonly mutedUntilMs: number | null;
}

const COLUMNS = `id::text AS id, fingerprint, kind, service, severity, title, detail, labels, state, total,
  acknowledged_by AS "acknowledgedBy", first_at AS "firstAt", muted_until AS "mutedUntil"`;
const ofFingerprints: Statement = { name: 'pressable_fingerprints', text: `SELECT ${COLUMNS} FROM problem WHERE fingerprint = ANY ($1::text[])` };
const byId: Statement = { name: 'pressable_id', text: `SELECT ${COLUMNS} FROM problem WHERE id = $1::bigint` };
const ofMessage: Statement = {
  name: 'pressable_message',
  text: `SELECT ${COLUMNS} FROM problem WHERE state = 'firing' AND fingerprint IN (
           SELECT fingerprint FROM notice WHERE message_id = $1::bigint) ORDER BY id LIMIT $2`,
};

type Row = Omit<Pressable, 'id' | 'firstAtMs' | 'mutedUntilMs'> & { readonly id: string; readonly firstAt: Date; readonly mutedUntil: Date | null };

export async function pressablesOf(tx: Tx, fingerprints: readonly string[]): Promise<Pressable[]> {
  return (await tx.query<Row>(ofFingerprints, [fingerprints])).map(pressable);
}

export async function findPressable(db: Pick<Database, 'query'>, id: bigint): Promise<Pressable | undefined> {
  const [row] = await db.query<Row>(byId, [id.toString()]);
  return row && pressable(row);
}

/** What a gathered message told of and is not over. */
export async function firingOfMessage(db: Pick<Database, 'query'>, messageId: bigint, limit: number): Promise<Pressable[]> {
  return (await db.query<Row>(ofMessage, [messageId.toString(), limit])).map(pressable);
}

function pressable({ id, firstAt, mutedUntil, ...rest }: Row): Pressable {
  return { ...rest, id: BigInt(id), firstAtMs: firstAt.getTime(), mutedUntilMs: mutedUntil?.getTime() ?? null };
}
