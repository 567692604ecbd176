// Alerts of ingest that begin with webhooks and end by themselves. A row per open alert makes them one problem for all
// replicas: the first occurrence is told at once, later ones now and then, and the end is told once.
import type { AlertKind } from '@schoolbell/contracts';
import type { Alerts, NewAlert } from '@schoolbell/messaging';
import type { Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';

export type AlarmKind = Extract<AlertKind, 'webhook-invalid' | 'webhook-refused' | 'webhook-conflict' | 'source-silent'>;

/** Something happened that an admin should know, `times` times since the last notice; 0 for a state that goes on. */
export interface Notice {
  readonly kind: AlarmKind;
  /** NO_SOURCE when it is about none. */
  readonly source: string;
  /** Distinguishes problems of one kind and source, such as the kind of a refusal. */
  readonly aspect?: string;
  readonly title: string;
  readonly detail: string;
  readonly times: number;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Stands where a source's name would; no source can be called so. */
export const NO_SOURCE = '-';

/** How long an open alert is not told again, whatever happens. */
export const REPEAT_AFTER_MS: Readonly<Record<AlarmKind, number>> = {
  'webhook-invalid': 60_000,
  'webhook-conflict': 60_000,
  'webhook-refused': 5 * 60_000,
  'source-silent': 6 * 3_600_000,
};
/** A silent source may be a platform that is down: somebody must look. Of the others only single webhooks are concerned. */
export const SEVERITY: Readonly<Record<AlarmKind, NewAlert['severity']>> = {
  'webhook-invalid': 'warning',
  'webhook-conflict': 'warning',
  'webhook-refused': 'warning',
  'source-silent': 'critical',
};
/** A refused source is well again after this long without five refusals. */
export const REFUSED_QUIET_MS = 15 * 60_000;
export const CONFLICT_QUIET_MS = 60 * 60_000;
/** Lets a body that is being quarantined right now keep its alert open. */
const INVALID_QUIET_MS = 10_000;

const REPEAT_DUE = `(known.raised_at <= excluded.raised_at - ($7::jsonb ->> known.kind)::int * interval '1 millisecond')`;
const open = {
  name: 'ingest_alarm_open',
  text: `
    INSERT INTO open_alert AS known (fingerprint, kind, source, severity, title, times, opened_at, raised_at, last_seen_at, told)
    SELECT fingerprint, kind, source, $8::jsonb ->> kind, title, times, $6::timestamptz, $6::timestamptz, $6::timestamptz, true
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[]) AS t (fingerprint, kind, source, title, times)
     ORDER BY fingerprint
    ON CONFLICT (fingerprint) DO UPDATE SET
      times = least(known.times::bigint + excluded.times, 2000000000),
      title = excluded.title,
      severity = excluded.severity,
      last_seen_at = greatest(known.last_seen_at, excluded.last_seen_at),
      told = ${REPEAT_DUE},
      raised_at = CASE WHEN ${REPEAT_DUE} THEN excluded.raised_at ELSE known.raised_at END
    RETURNING fingerprint, times, told`,
};

const closed = `RETURNING fingerprint, kind, source, severity, title, times`;
const closeQuiet = {
  name: 'ingest_alarm_close_quiet',
  text: `
    DELETE FROM open_alert a
     WHERE (a.kind = 'webhook-refused' AND a.last_seen_at < $1::timestamptz)
        OR (a.kind = 'webhook-conflict' AND a.last_seen_at < $2::timestamptz)
        OR (a.kind = 'webhook-invalid' AND a.last_seen_at < $3::timestamptz
            AND NOT EXISTS (SELECT 1 FROM quarantine q WHERE q.source = a.source AND q.state = 'open'))
    ${closed}`,
};
const closeNamed = {
  name: 'ingest_alarm_close_named',
  text: `DELETE FROM open_alert WHERE kind = $1 AND NOT source = ANY ($2::text[]) ${closed}`,
};

interface OpenRow {
  readonly fingerprint: string;
  readonly times: number;
  readonly told: boolean;
}
interface ClosedRow {
  readonly fingerprint: string;
  readonly kind: AlarmKind;
  readonly source: string;
  readonly severity: NewAlert['severity'];
  readonly title: string;
  readonly times: number;
}

export interface Alarms {
  /** With the effect it is about. */
  notice(tx: Tx, notices: readonly Notice[], nowMs: number): Promise<void>;
  /** Ends what has been quiet for long enough. Returns how many. */
  resolveQuiet(tx: Tx, nowMs: number): Promise<number>;
  /** Ends the alerts of a kind but those of the sources given. */
  resolveOthers(tx: Tx, kind: AlarmKind, sources: readonly string[]): Promise<void>;
}

export function createAlarms(deps: { alerts: Pick<Alerts, 'raise'> }): Alarms {
  const resolve = async (tx: Tx, rows: readonly ClosedRow[]): Promise<number> => {
    await deps.alerts.raise(tx, rows.map(resolved));
    return rows.length;
  };
  return {
    async notice(tx, notices, nowMs) {
      if (notices.length === 0) return;
      const merged = merge(notices);
      const rows = await tx.query<OpenRow>(open, [
        merged.map(fingerprintOf),
        merged.map(({ kind }) => kind),
        merged.map(({ source }) => source),
        merged.map(({ title }) => title),
        merged.map(({ times }) => times),
        formatInstant(nowMs),
        JSON.stringify(REPEAT_AFTER_MS),
        JSON.stringify(SEVERITY),
      ]);
      const due = new Map(rows.filter(({ told }) => told).map((row) => [row.fingerprint, row.times]));
      await deps.alerts.raise(
        tx,
        merged.filter((notice) => due.has(fingerprintOf(notice))).map((notice) => firing(notice, due.get(fingerprintOf(notice))!)),
      );
    },
    async resolveQuiet(tx, nowMs) {
      const before = [REFUSED_QUIET_MS, CONFLICT_QUIET_MS, INVALID_QUIET_MS].map((ms) => formatInstant(nowMs - ms));
      return resolve(tx, await tx.query<ClosedRow>(closeQuiet, before));
    },
    async resolveOthers(tx, kind, sources) {
      await resolve(tx, await tx.query<ClosedRow>(closeNamed, [kind, sources]));
    },
  };
}

export function fingerprintOf({ kind, source, aspect }: Pick<Notice, 'kind' | 'source' | 'aspect'>): string {
  return aspect === undefined ? `${kind}:${source}` : `${kind}:${source}:${aspect}`;
}

/** One row per fingerprint, in the order of the key, so that replicas lock in the same order. */
function merge(notices: readonly Notice[]): Notice[] {
  const byFingerprint = new Map<string, Notice>();
  for (const notice of notices) {
    const key = fingerprintOf(notice);
    byFingerprint.set(key, { ...notice, times: notice.times + (byFingerprint.get(key)?.times ?? 0) });
  }
  return [...byFingerprint.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, notice]) => notice);
}

function firing(notice: Notice, times: number): NewAlert {
  const counted = times > 1 ? ` ${times} times since it began.` : '';
  return {
    fingerprint: fingerprintOf(notice),
    kind: notice.kind,
    state: 'firing',
    severity: SEVERITY[notice.kind],
    title: notice.title,
    detail: `${notice.detail}${counted}`,
    labels: { ...sourceLabel(notice.source), ...notice.labels },
  };
}

function resolved({ fingerprint, kind, source, severity, title, times }: ClosedRow): NewAlert {
  const detail = times > 1 ? `It is over. It was seen ${times} times.` : 'It is over.';
  return { fingerprint, kind, state: 'resolved', severity, title, detail, labels: sourceLabel(source) };
}

function sourceLabel(source: string): Record<string, string> {
  return source === NO_SOURCE ? {} : { source };
}
