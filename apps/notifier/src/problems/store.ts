import type { Statement, Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import type { Notice, Problem } from './problem.ts';

/** An alert as its stream delivered it, for the history and to know it again. */
export interface StoredAlert {
  readonly eventId: string;
  readonly fingerprint: string;
  readonly state: string;
  readonly detail: string;
  readonly atMs: number;
}

type Times = 'stateAtMs' | 'toldAtMs' | 'firstAtMs' | 'lastAtMs' | 'resolvedAtMs' | 'quietUntilMs' | 'acknowledgedAtMs' | 'mutedUntilMs';
type ProblemRow = Omit<Problem, Times> & {
  readonly stateAt: Date;
  readonly toldAt: Date | null;
  readonly firstAt: Date;
  readonly lastAt: Date;
  readonly resolvedAt: Date | null;
  readonly quietUntil: Date;
  readonly acknowledgedAt: Date | null;
  readonly mutedUntil: Date | null;
};

const PROBLEM_COLUMNS = `fingerprint, kind, service, severity, title, detail, labels, level, state, state_at AS "stateAt",
  told, told_at AS "toldAt", first_at AS "firstAt", last_at AS "lastAt", resolved_at AS "resolvedAt",
  total, untold, step, quiet_until AS "quietUntil", flaps,
  acknowledged_at AS "acknowledgedAt", acknowledged_by AS "acknowledgedBy", muted_until AS "mutedUntil", escalations`;

const lock: Statement = { name: 'problem_lock', text: `SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ':problem', 0))::text` };
const keep: Statement = {
  name: 'alert_keep',
  text: `INSERT INTO alert (event_id, fingerprint, state, detail, at, received_at)
         SELECT event_id, fingerprint, state, detail, at, $2::timestamptz
         FROM jsonb_to_recordset($1::jsonb) AS a(place integer, event_id text, fingerprint text, state text, detail text, at timestamptz)
         ORDER BY place
         ON CONFLICT (event_id) DO NOTHING RETURNING event_id AS "eventId"`,
};
const load: Statement = { name: 'problem_load', text: `SELECT ${PROBLEM_COLUMNS} FROM problem WHERE fingerprint = ANY($1::text[])` };
const due: Statement = {
  name: 'problem_due',
  text: `SELECT ${PROBLEM_COLUMNS} FROM problem WHERE untold > 0 AND quiet_until <= $1::timestamptz AND (muted_until IS NULL OR muted_until <= $1::timestamptz) ORDER BY quiet_until LIMIT $2`,
};
const silent: Statement = {
  name: 'problem_silent',
  text: `SELECT ${PROBLEM_COLUMNS} FROM problem
         WHERE state = 'firing' AND (level AND last_at < $1::timestamptz
           OR NOT level AND untold = 0 AND last_at < $2::timestamptz AND kind = ANY($3::text[]))
         ORDER BY last_at LIMIT $4`,
};
const unattended: Statement = {
  name: 'problem_unattended',
  text: `SELECT ${PROBLEM_COLUMNS} FROM problem
         WHERE state = 'firing' AND severity = 'critical' AND told = 'firing' AND acknowledged_at IS NULL AND escalations < $1
           AND first_at <= $2::timestamptz - (escalations + 1) * $3 * interval '1 millisecond'
           AND (muted_until IS NULL OR muted_until <= $2::timestamptz)
         ORDER BY first_at LIMIT $4`,
};
const levels: Statement = {
  name: 'problem_levels',
  text: `SELECT ${PROBLEM_COLUMNS} FROM problem WHERE level ORDER BY last_at DESC LIMIT $1`,
};
const save: Statement = {
  name: 'problem_save',
  text: `INSERT INTO problem (fingerprint, kind, service, severity, title, detail, labels, level, state, state_at, told, told_at,
           first_at, last_at, resolved_at, total, untold, step, quiet_until, flaps, acknowledged_at, acknowledged_by, muted_until, escalations)
         SELECT fingerprint, kind, service, severity, title, detail, labels, level, state, state_at, told, told_at,
           first_at, last_at, resolved_at, total, untold, step, quiet_until, flaps, acknowledged_at, acknowledged_by, muted_until, escalations
         FROM jsonb_to_recordset($1::jsonb) AS p(fingerprint text, kind text, service text, severity text, title text, detail text,
           labels jsonb, level boolean, state text, state_at timestamptz, told text, told_at timestamptz, first_at timestamptz,
           last_at timestamptz, resolved_at timestamptz, total integer, untold integer, step integer, quiet_until timestamptz, flaps integer,
           acknowledged_at timestamptz, acknowledged_by text, muted_until timestamptz, escalations integer)
         ON CONFLICT (fingerprint) DO UPDATE SET kind = excluded.kind, service = excluded.service, severity = excluded.severity,
           title = excluded.title, detail = excluded.detail, labels = excluded.labels, level = excluded.level,
           state = excluded.state, state_at = excluded.state_at, told = excluded.told, told_at = excluded.told_at,
           first_at = excluded.first_at, last_at = excluded.last_at, resolved_at = excluded.resolved_at, total = excluded.total,
           untold = excluded.untold, step = excluded.step, quiet_until = excluded.quiet_until, flaps = excluded.flaps, acknowledged_at = excluded.acknowledged_at,
           acknowledged_by = excluded.acknowledged_by, muted_until = excluded.muted_until, escalations = excluded.escalations`,
};
const queue: Statement = {
  name: 'notice_queue',
  text: `INSERT INTO notice (chat_id, fingerprint, phase, count, total, kind, service, severity, title, detail, first_at, at)
         SELECT chat_id, fingerprint, phase, count, total, kind, service, severity, title, detail, first_at, at
         FROM jsonb_to_recordset($1::jsonb) AS n(fingerprint text, phase text, count integer, total integer, kind text,
           service text, severity text, title text, detail text, first_at timestamptz, at timestamptz, place integer)
         CROSS JOIN unnest($2::text[]) AS chat_id
         ORDER BY place`,
};

/** One writer of problems at a time, in all replicas: decisions are few and must not be made twice. */
export async function lockProblems(tx: Tx): Promise<void> {
  await tx.query(lock, []);
}

/** Keeps alerts that were not seen before, in their order, and returns their ids. Under the lock of the problems. */
export async function keepAlerts(tx: Tx, alerts: readonly StoredAlert[], nowMs: number): Promise<Set<string>> {
  if (alerts.length === 0) return new Set();
  const rows = alerts.map(({ eventId, fingerprint, state, detail, atMs }, place) => ({ place, event_id: eventId, fingerprint, state, detail, at: formatInstant(atMs) }));
  const kept = await tx.query<{ eventId: string }>(keep, [JSON.stringify(rows), formatInstant(nowMs)]);
  return new Set(kept.map(({ eventId }) => eventId));
}

export async function loadProblems(tx: Tx, fingerprints: readonly string[]): Promise<Map<string, Problem>> {
  return byFingerprint(await tx.query<ProblemRow>(load, [[...new Set(fingerprints)]]));
}

/** Problems with something untold whose pause is over. */
export async function dueProblems(tx: Tx, nowMs: number, limit: number): Promise<Map<string, Problem>> {
  return byFingerprint(await tx.query<ProblemRow>(due, [formatInstant(nowMs), limit]));
}

/** Firing problems that nobody has reported since: levels since `levelsSinceMs`, events without an end since `eventsSinceMs`. */
export async function silentProblems(
  tx: Tx,
  { levelsSinceMs, eventsSinceMs, eventKinds, limit }: { levelsSinceMs: number; eventsSinceMs: number; eventKinds: readonly string[]; limit: number },
): Promise<Map<string, Problem>> {
  return byFingerprint(await tx.query<ProblemRow>(silent, [formatInstant(levelsSinceMs), formatInstant(eventsSinceMs), eventKinds, limit]));
}

/** Critical problems that nobody has acknowledged for a period more than they were escalated; see `escalationDue`. */
export async function unattendedProblems(tx: Tx, { afterMs, chats, nowMs, limit }: { afterMs: number; chats: number; nowMs: number; limit: number }): Promise<Map<string, Problem>> {
  return byFingerprint(await tx.query<ProblemRow>(unattended, [chats, formatInstant(nowMs), afterMs, limit]));
}

/** Level-triggered problems, newest first: what has to be known when the database is away. */
export async function levelProblems(tx: Tx, limit: number): Promise<Map<string, Problem>> {
  return byFingerprint(await tx.query<ProblemRow>(levels, [limit]));
}

export async function saveProblems(tx: Tx, problems: readonly Problem[]): Promise<void> {
  if (problems.length > 0) await tx.query(save, [JSON.stringify(problems.map(rowOf))]);
}

/** Queues every notice for every chat. */
export async function queueNotices(tx: Tx, notices: readonly Notice[], chats: readonly string[]): Promise<void> {
  if (notices.length === 0 || chats.length === 0) return;
  const rows = notices.map(({ firstAtMs, atMs, ...rest }, place) => ({ ...rest, place, first_at: formatInstant(firstAtMs), at: formatInstant(atMs) }));
  await tx.query(queue, [JSON.stringify(rows), chats]);
}

function rowOf({ stateAtMs, toldAtMs, firstAtMs, lastAtMs, resolvedAtMs, quietUntilMs, acknowledgedAtMs, mutedUntilMs, ...rest }: Problem) {
  return {
    ...rest,
    state_at: formatInstant(stateAtMs),
    told_at: instantOrNull(toldAtMs),
    first_at: formatInstant(firstAtMs),
    last_at: formatInstant(lastAtMs),
    resolved_at: instantOrNull(resolvedAtMs),
    quiet_until: formatInstant(quietUntilMs),
    acknowledged_at: instantOrNull(acknowledgedAtMs),
    acknowledged_by: rest.acknowledgedBy,
    muted_until: instantOrNull(mutedUntilMs),
  };
}

const instantOrNull = (ms: number | null): string | null => (ms === null ? null : formatInstant(ms));

function byFingerprint(rows: readonly ProblemRow[]): Map<string, Problem> {
  return new Map(rows.map((row) => [row.fingerprint, problemOf(row)]));
}

function problemOf({ stateAt, toldAt, firstAt, lastAt, resolvedAt, quietUntil, acknowledgedAt, mutedUntil, ...rest }: ProblemRow): Problem {
  return {
    ...rest,
    stateAtMs: stateAt.getTime(),
    toldAtMs: toldAt?.getTime() ?? null,
    firstAtMs: firstAt.getTime(),
    lastAtMs: lastAt.getTime(),
    resolvedAtMs: resolvedAt?.getTime() ?? null,
    quietUntilMs: quietUntil.getTime(),
    acknowledgedAtMs: acknowledgedAt?.getTime() ?? null,
    mutedUntilMs: mutedUntil?.getTime() ?? null,
  };
}
