import type { Statement } from '@schoolbell/service-kit';

/** Rows with rising ids that are to be published, and how to read them. */
export interface QueueTable {
  /** Also the prefix of the statements' names. */
  readonly name: string;
  /**
   * SELECT over the table `q`, ending in a WHERE that may use `$1`, the name of the stream: ` AND …` follows. The first
   * column is `q.id::float8 AS id`. What is overtaken must not be among the rows.
   */
  readonly select: string;
}

/** Backlogs are counted up to here; beyond it the number does not matter any more. */
const BACKLOG_COUNT_MAX = 100_000;

const CHECKED = 'coalesce((SELECT checked_id FROM stream_state WHERE stream = $1), 0)';
/** The reference: no horizon, no memory. Reads everything since the last complete look. */
const UNPUBLISHED = `q.id > ${CHECKED} AND q.id NOT IN (SELECT unnest(ids) FROM publication WHERE stream = $1 AND last_id > ${CHECKED})`;
/** What is above the horizon, not before its day, and not published by this leader. As `<> ALL ($4)` each id is compared with each. */
const BEYOND = 'q.id > $2::bigint AND q.day >= $3::date AND q.id NOT IN (SELECT unnest($4::bigint[]))';
const AGAIN = 'q.id IN (SELECT id FROM publish_again WHERE stream = $1)';

export interface QueueStatements {
  readonly snapshot: Statement;
  readonly beyond: Statement;
  readonly unpublished: Statement;
  readonly again: Statement;
  readonly backlog: Statement;
  readonly backlogBeyond: Statement;
}

export function queueStatements({ name, select }: QueueTable): QueueStatements {
  return {
    snapshot: {
      name: `${name}_snapshot`,
      text: `SELECT pg_snapshot_xmin(now)::text AS xmin, pg_snapshot_xmax(now)::text AS xmax,
               ((CURRENT_TIMESTAMP AT TIME ZONE 'UTC')::date - 1)::text AS day,
               coalesce((SELECT max(id) FROM ${name}), 0)::float8 AS highest FROM pg_current_snapshot() AS now`,
    },
    beyond: { name: `${name}_beyond`, text: `${select} AND ${BEYOND} ORDER BY q.id LIMIT $5` },
    unpublished: { name: `${name}_unpublished`, text: `${select} AND ${UNPUBLISHED} ORDER BY q.id LIMIT $2` },
    again: { name: `${name}_again`, text: `${select} AND ${AGAIN} ORDER BY q.id LIMIT $2` },
    backlog: {
      name: `${name}_backlog`,
      text: `SELECT count(*)::int AS count FROM (
               SELECT id FROM (${select} AND ${UNPUBLISHED} LIMIT ${BACKLOG_COUNT_MAX}) AS fresh
               UNION SELECT id FROM (${select} AND ${AGAIN} LIMIT ${BACKLOG_COUNT_MAX}) AS lost) AS waiting`,
    },
    backlogBeyond: {
      name: `${name}_backlog_beyond`,
      text: `SELECT count(*)::int AS count FROM (${select} AND ${BEYOND} LIMIT ${BACKLOG_COUNT_MAX}) AS waiting`,
    },
  };
}

export const mark = {
  name: 'relay_mark',
  text: `INSERT INTO publication (stream, epoch, seq, ids, last_id)
         SELECT $1, epoch, seq, ids::bigint[], last_id FROM unnest($2::uuid[], $3::bigint[], $4::text[], $5::bigint[]) AS m (epoch, seq, ids, last_id)
         ON CONFLICT DO NOTHING`,
};
export const markAgain = { name: 'relay_mark_again', text: 'DELETE FROM publish_again WHERE stream = $1 AND id = ANY ($2::bigint[])' };
export const requeue = {
  name: 'relay_requeue',
  text: `WITH lost AS (DELETE FROM publication WHERE stream = $1 AND epoch = $2 AND seq > $3 RETURNING ids),
              again AS (INSERT INTO publish_again (stream, id) SELECT $1, unnest(ids) FROM lost ON CONFLICT DO NOTHING RETURNING 1)
         SELECT count(*)::int AS count FROM again`,
};
/** Publications of former epochs are confirmed, or their rows were queued again. */
export const tidy = {
  name: 'relay_tidy',
  text: `WITH checked AS (UPDATE stream_state SET checked_id = greatest(checked_id, $4) WHERE stream = $1 RETURNING checked_id)
         DELETE FROM publication USING checked
         WHERE stream = $1 AND last_id <= checked.checked_id AND (epoch <> $2 OR seq <= $3)`,
};
