import type { Database } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import { z } from 'zod';
import { msOf } from '../destination/store.ts';
import { leasedRows } from '../wanted/recover.ts';

export const UNDELIVERED_STATES = ['due', 'leased', 'parked'] as const;

export const UndeliveredRow = z.object({
  destinationId: z.string(),
  kind: z.enum(['summary', 'rating']),
  key: z.string().describe('The learner; for ratings the course, or empty for the whole organization.'),
  state: z.enum(UNDELIVERED_STATES).describe('due: waits for its turn or its next attempt; leased: a request is in flight; parked: waits for a newer revision or for you.'),
  wantedRevision: z.int(),
  sentRevision: z.int().describe('0: nothing was ever delivered.'),
  wantedSince: z.iso.datetime(),
  nextAttemptAt: z.iso.datetime().nullable(),
  attempts: z.int(),
  lastFailure: z.string().nullable(),
  replayId: z.uuid().nullable(),
});
export type UndeliveredRow = z.infer<typeof UndeliveredRow>;

export interface UndeliveredFilter {
  readonly destinationId: string | null;
  readonly state: (typeof UNDELIVERED_STATES)[number] | null;
  readonly kind: string | null;
  readonly key: string | null;
}

// The partial indexes and the claims know who is undelivered. Without the fence the planner walks the primary key through all that
// is delivered, in the hope of a full page.
const page = {
  name: 'undelivered_page',
  text: `WITH waiting AS MATERIALIZED (
           SELECT destination_id, kind, key FROM wanted WHERE due_at IS NOT NULL AND coalesce($2, 'due') = 'due'
           UNION ALL SELECT leased.* FROM claim c CROSS JOIN LATERAL ${leasedRows('w.destination_id, w.kind, w.key')} WHERE coalesce($2, 'leased') = 'leased'
           UNION ALL SELECT destination_id, kind, key FROM wanted WHERE parked_at IS NOT NULL AND coalesce($2, 'parked') = 'parked'),
         picked AS MATERIALIZED (
           SELECT * FROM waiting
           WHERE ($1::text IS NULL OR destination_id = $1) AND ($3::text IS NULL OR kind = $3) AND ($4::text IS NULL OR key = $4)
             AND ($9::text[] IS NULL OR destination_id = ANY ($9))
             AND (destination_id, kind, key) > ($5, $6, $7)
           ORDER BY destination_id, kind, key LIMIT $8)
         SELECT w.destination_id AS "destinationId", w.kind, w.key, w.wanted_revision::float8 AS "wantedRevision",
           CASE WHEN w.parked_at IS NOT NULL THEN 'parked' WHEN w.lease_until IS NOT NULL THEN 'leased' ELSE 'due' END AS state,
           w.sent_revision::float8 AS "sentRevision", ${msOf('w.wanted_since')} AS "wantedSince", ${msOf('w.due_at')} AS "nextAttemptAt",
           w.attempts, w.last_failure AS "lastFailure", w.replay_id::text AS "replayId"
         FROM picked JOIN wanted w USING (destination_id, kind, key)
         ORDER BY w.destination_id, w.kind, w.key`,
};

/** Position in the list; opaque to clients. */
export interface UndeliveredCursor {
  readonly destinationId: string;
  readonly kind: string;
  readonly key: string;
}

/** What is wanted and not delivered, sorted by destination, kind and key. `destinations`: null is all. */
export async function listUndelivered(
  db: Database,
  filter: UndeliveredFilter,
  options: { readonly after: UndeliveredCursor; readonly limit: number; readonly destinations: readonly string[] | null },
): Promise<UndeliveredRow[]> {
  const { after, limit, destinations } = options;
  const rows = await db.query<Omit<UndeliveredRow, 'wantedSince' | 'nextAttemptAt'> & { wantedSince: number; nextAttemptAt: number | null }>(page, [
    filter.destinationId,
    filter.state,
    filter.kind,
    filter.key,
    after.destinationId,
    after.kind,
    after.key,
    limit,
    destinations,
  ]);
  return rows.map((row) => ({
    ...row,
    wantedSince: formatInstant(row.wantedSince),
    nextAttemptAt: row.nextAttemptAt === null ? null : formatInstant(row.nextAttemptAt),
  }));
}

const CursorText = z.tuple([z.string(), z.string(), z.string()]);

export const encodeCursor = ({ destinationId, kind, key }: UndeliveredCursor): string =>
  Buffer.from(JSON.stringify([destinationId, kind, key])).toString('base64url');

/** Undefined when it is none of ours. */
export function decodeCursor(text: string | undefined): UndeliveredCursor | undefined {
  if (text === undefined) return { destinationId: '', kind: '', key: '' };
  try {
    const [destinationId, kind, key] = CursorText.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
    return { destinationId, kind, key };
  } catch {
    return undefined;
  }
}

/** Where a wanted row stands. */
export function placeOf(row: { readonly parkedAt: Date | null; readonly leaseUntil: Date | null; readonly dueAt: Date | null }): 'delivered' | UndeliveredRow['state'] {
  if (row.parkedAt !== null) return 'parked';
  if (row.leaseUntil !== null) return 'leased';
  return row.dueAt === null ? 'delivered' : 'due';
}
