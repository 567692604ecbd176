import { bigintArray, instantArray, integerArray, textArray, uuidArray, type Database, type Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import type { Verdict } from './decide.ts';
import type { Job } from './job.ts';
import { placed } from './placed.ts';

/** A request that ended, and what is to become of its row. */
export interface Mark {
  readonly job: Job;
  readonly verdict: Verdict;
  /** One line for people; empty after a success. */
  readonly failure: string;
}

/** A row that was parked by a mark. */
export interface ParkedRow {
  readonly kind: Job['kind'];
  readonly key: string;
  readonly revision: number;
  readonly attempts: number;
  readonly failure: string;
}

// Marks and incoming revisions meet on the same rows: everybody locks them in the order of the keys. One statement does
// by itself, as its parameters come sorted; before two of them all rows are locked at once.
const lockRows = {
  name: 'wanted_lock',
  text: `SELECT FROM unnest($2::text[], $3::text[]) AS mark (kind, key) CROSS JOIN LATERAL (
           SELECT FROM wanted w WHERE w.destination_id = $1 AND w.kind = mark.kind AND w.key = mark.key FOR UPDATE) AS row`,
};
const MATCH = 'w.ctid = mark.place AND w.lease_token = mark.token';
/** What is marked is no longer live: a claim goes with its last mark. */
const RELEASE = `ended AS (SELECT token, count(*)::int AS count FROM marked GROUP BY token),
         fewer AS (UPDATE claim c SET live = c.live - ended.count FROM ended
                   WHERE c.destination_id = $1 AND c.token = ended.token AND c.live > ended.count),
         none AS (DELETE FROM claim c USING ended
                  WHERE c.destination_id = $1 AND c.token = ended.token AND c.live <= ended.count)`;
/** Something else is wanted by now than what was sent. */
const NEWER = '(w.wanted_revision > mark.revision OR w.replay_id IS DISTINCT FROM mark.replay_id)';

const markSent = {
  name: 'wanted_mark_sent',
  text: `WITH marked AS (
           UPDATE wanted w SET sent_revision = greatest(w.sent_revision, mark.revision), sent_at = $7, attempts = 0,
             waited_ms = 0, not_before = NULL, last_failure = NULL,
             lease_token = NULL, lease_until = NULL, lease_revision = NULL,
             due_at = CASE WHEN ${NEWER} THEN $7::timestamptz END,
             wanted_since = CASE WHEN ${NEWER} THEN $7::timestamptz ELSE w.wanted_since END
           FROM ${placed('kind, key, token, revision, replay_id', '$2::text[], $3::text[], $4::uuid[], $5::bigint[], $6::uuid[]')}
           WHERE ${MATCH}
           RETURNING w.kind, w.key, mark.token, w.due_at IS NOT NULL AS due),
         ${RELEASE}
         SELECT kind, key, due FROM marked`,
};
const markFailed = {
  name: 'wanted_mark_failed',
  text: `WITH marked AS (
           UPDATE wanted w SET lease_token = NULL, lease_until = NULL, lease_revision = NULL,
             attempts = CASE WHEN ${NEWER} THEN 0 ELSE mark.attempts END,
             waited_ms = CASE WHEN ${NEWER} THEN 0 ELSE mark.waited_ms END,
             not_before = mark.not_before, last_failure = mark.failure,
             parked_at = CASE WHEN NOT ${NEWER} AND mark.due_at IS NULL THEN $7::timestamptz END,
             due_at = CASE WHEN ${NEWER} THEN greatest($7::timestamptz, mark.not_before) ELSE mark.due_at END
           FROM ${placed(
             'kind, key, token, revision, replay_id, attempts, waited_ms, due_at, not_before, failure',
             '$2::text[], $3::text[], $4::uuid[], $5::bigint[], $6::uuid[], $8::int[], $9::bigint[], $10::timestamptz[], $11::timestamptz[], $12::text[]',
           )}
           WHERE ${MATCH}
           RETURNING w.kind, w.key, mark.token, mark.revision::float8 AS revision, w.attempts, mark.failure,
             w.parked_at IS NOT NULL AS parked),
         ${RELEASE}
         SELECT kind, key, revision, attempts, failure, parked FROM marked`,
};

interface MarkedRow {
  readonly kind: Job['kind'];
  readonly key: string;
}
interface SentRow extends MarkedRow {
  /** A newer revision came meanwhile. */
  readonly due: boolean;
}

/**
 * Write down how requests to one destination ended, set by set. A mark without its lease changes nothing: whoever
 * holds the row now will mark it. Returns what was parked.
 */
export async function markRows(tx: Tx, destinationId: string, marks: readonly Mark[], now: number): Promise<readonly ParkedRow[]> {
  if (marks.length === 0) return [];
  const sorted = [...marks].sort((a, b) => compareKeys(a.job, b.job));
  const first = await markOnce(tx, destinationId, sorted, now);
  const missed = missing(sorted, first.marked);
  if (missed.length === 0) return first.parked;
  const again = await markOnce(tx, destinationId, missed, now);
  return [...first.parked, ...again.parked];
}

/**
 * `markRows` for successes only: one statement, committed by itself. True when something of it may be due again, as a
 * newer revision came meanwhile.
 */
export async function markAllSent(db: Database, destinationId: string, marks: readonly Mark[], now: number): Promise<boolean> {
  const sorted = [...marks].sort((a, b) => compareKeys(a.job, b.job));
  const marked = await db.query<SentRow>(markSent, [...identities(destinationId, sorted), formatInstant(now)]);
  const missed = missing(sorted, marked);
  if (missed.length > 0) await db.transaction((tx) => markRows(tx, destinationId, missed, now));
  return missed.length > 0 || marked.some(({ due }) => due);
}

/**
 * What was not marked: the row was written by somebody else while we waited for it, and stands at another place now;
 * or its lease is lost. The next statement finds it where it is.
 */
function missing(sorted: readonly Mark[], marked: readonly MarkedRow[]): readonly Mark[] {
  if (marked.length === sorted.length) return [];
  const found = new Set(marked.map(({ kind, key }) => `${kind}\n${key}`));
  return sorted.filter(({ job }) => !found.has(`${job.kind}\n${job.key}`));
}

async function markOnce(
  tx: Tx,
  destinationId: string,
  sorted: readonly Mark[],
  now: number,
): Promise<{ readonly marked: readonly MarkedRow[]; readonly parked: readonly ParkedRow[] }> {
  const at = formatInstant(now);
  const sent = sorted.filter(({ verdict }) => verdict.kind === 'sent');
  const failed = sorted.filter(({ verdict }) => verdict.kind !== 'sent');
  const mixed = sent.length > 0 && failed.length > 0;
  const [, done, rest] = await Promise.all([
    mixed ? tx.query(lockRows, [destinationId, ...keys(sorted)]) : [],
    sent.length === 0 ? [] : tx.query<MarkedRow>(markSent, [...identities(destinationId, sent), at]),
    failed.length === 0 ? [] : tx.query<ParkedRow & { readonly parked: boolean }>(markFailed, [...identities(destinationId, failed), at, ...fates(failed)]),
  ]);
  return { marked: [...done, ...rest], parked: rest.filter(({ parked }) => parked) };
}

function identities(destinationId: string, marks: readonly Mark[]): readonly unknown[] {
  return [
    destinationId,
    ...keys(marks),
    uuidArray(marks.map(({ job }) => job.token)),
    bigintArray(marks.map(({ job }) => job.revision)),
    uuidArray(marks.map(({ job }) => job.replayId)),
  ];
}

const keys = (marks: readonly Mark[]): readonly Buffer[] => [
  textArray(marks.map(({ job }) => job.kind)),
  textArray(marks.map(({ job }) => job.key)),
];

function fates(marks: readonly Mark[]): readonly unknown[] {
  const verdicts = marks.map(({ verdict }) => verdict).filter((verdict) => verdict.kind !== 'sent');
  return [
    integerArray(verdicts.map(({ attempts }) => attempts)),
    bigintArray(verdicts.map(({ waitedMs }) => waitedMs)),
    instantArray(verdicts.map((verdict) => (verdict.kind === 'retry' ? verdict.dueAt : null))),
    instantArray(verdicts.map((verdict) => (verdict.kind === 'retry' ? verdict.notBefore : null))),
    textArray(marks.map(({ failure }) => failure)),
  ];
}

/** The one order in which rows of `wanted` are locked. */
export function compareKeys(
  a: { readonly kind: string; readonly key: string },
  b: { readonly kind: string; readonly key: string },
): number {
  if (a.kind !== b.kind) return a.kind < b.kind ? -1 : 1;
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}
