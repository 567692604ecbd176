import { randomUUID } from 'node:crypto';
import { textArray, type Database, type Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import { placed } from '../wanted/placed.ts';
import { filterSql, type ReplayFilter } from './filter.ts';

/** Rows of one transaction. */
const PORTION = 1_000;

export interface RunningReplay {
  readonly id: string;
  readonly destinationId: string;
  readonly filter: ReplayFilter;
  readonly afterKind: string;
  readonly afterKey: string;
}

/** How many rows a filter meets now. */
export async function countMatches(db: Database, destinationId: string, filter: ReplayFilter): Promise<number> {
  const { name, text, values } = filterSql(filter, 2);
  const statement = { name: `replay_count_${name}`, text: `SELECT count(*)::int AS count FROM wanted WHERE destination_id = $1 AND ${text}` };
  const [row] = await db.query<{ count: number }>(statement, [destinationId, ...values]);
  return row?.count ?? 0;
}

const insert = {
  name: 'replay_insert',
  text: `INSERT INTO replay (id, destination_id, filter, requested_by, matched, created_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (id) DO NOTHING`,
};

/** Write down a replay; `advanceReplay` carries it out. Returns its id. One that is given an id which is known is not written again. */
export async function insertReplay(
  db: Database,
  replay: { id?: string; destinationId: string; filter: ReplayFilter; requestedBy: string; matched: number },
  now: number,
): Promise<string> {
  const { id = randomUUID(), destinationId, filter, requestedBy, matched } = replay;
  await db.query(insert, [id, destinationId, JSON.stringify(filter), requestedBy, matched, formatInstant(now)]);
  return id;
}

const next = {
  name: 'replay_next',
  text: `SELECT id::text AS id, destination_id AS "destinationId", filter, after_kind AS "afterKind", after_key AS "afterKey"
         FROM replay WHERE state = 'running' ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED`,
};
const progress = {
  name: 'replay_progress',
  text: `UPDATE replay SET released = released + $2, after_kind = $3, after_key = $4, state = CASE WHEN $5 THEN 'done' ELSE 'running' END,
           finished_at = CASE WHEN $5 THEN $6::timestamptz END
         WHERE id = $1`,
};

/**
 * Make the next portion of a replay due, under the id of the replay, so that receivers do not take it for what they
 * have seen. What is in flight is sent once more after its end. From there on the normal claims shape the rate.
 * Returns the destination that has work now, or undefined when no replay is running.
 */
export function advanceReplay(db: Database, now: number): Promise<string | undefined> {
  return db.transaction(async (tx) => {
    const [replay] = await tx.query<RunningReplay>(next, []);
    if (replay === undefined) return undefined;
    const rows = await releasePortion(tx, replay, now);
    const last = rows.at(-1);
    const done = rows.length < PORTION;
    await tx.query(progress, [replay.id, rows.length, last?.kind ?? replay.afterKind, last?.key ?? replay.afterKey, done, formatInstant(now)]);
    return replay.destinationId;
  });
}

interface PageRow {
  readonly kind: string;
  readonly key: string;
}

const release = {
  name: 'replay_release',
  text: `UPDATE wanted w SET replay_id = $4::uuid, attempts = 0, waited_ms = 0, parked_at = NULL,
           wanted_since = CASE WHEN num_nonnulls(w.due_at, w.lease_until, w.parked_at) = 0 THEN $5::timestamptz ELSE w.wanted_since END,
           due_at = CASE WHEN w.lease_until IS NULL THEN greatest($5::timestamptz, w.not_before) END
         FROM ${placed('kind, key', '$2::text[], $3::text[]')} WHERE w.ctid = mark.place`,
};

/** Lock the next page in the order of the keys, then release it: the second statement sees what the first waited for. */
async function releasePortion(tx: Tx, replay: RunningReplay, now: number): Promise<readonly PageRow[]> {
  const { name, text, values } = filterSql(replay.filter, 4);
  const page = {
    name: `replay_page_${name}`,
    text: `SELECT kind, key FROM wanted WHERE destination_id = $1 AND (kind, key) > ($2, $3) AND ${text}
           ORDER BY kind, key LIMIT ${PORTION} FOR UPDATE`,
  };
  const rows = await tx.query<PageRow>(page, [replay.destinationId, replay.afterKind, replay.afterKey, ...values]);
  const [kinds, keys] = [textArray(rows.map(({ kind }) => kind)), textArray(rows.map(({ key }) => key))];
  await tx.query(release, [replay.destinationId, kinds, keys, replay.id, formatInstant(now)]);
  return rows;
}

const retry = {
  name: 'replay_one',
  text: `UPDATE wanted SET replay_id = $4::uuid, attempts = 0, waited_ms = 0, parked_at = NULL, not_before = NULL,
           wanted_since = CASE WHEN num_nonnulls(due_at, lease_until, parked_at) = 0 THEN $5::timestamptz ELSE wanted_since END,
           due_at = CASE WHEN lease_until IS NULL THEN $5::timestamptz END
         WHERE destination_id = $1 AND kind = $2 AND key = $3
         RETURNING wanted_revision::float8 AS revision`,
};

/** Send one row again, now. Returns its revision and replay, or undefined when there is no such row. */
export async function replayOne(
  db: Database,
  { destinationId, kind, key }: { destinationId: string; kind: string; key: string },
  now: number,
): Promise<{ replayId: string; revision: number } | undefined> {
  const replayId = randomUUID();
  const [row] = await db.query<{ revision: number }>(retry, [destinationId, kind, key, replayId, formatInstant(now)]);
  return row && { replayId, revision: row.revision };
}
