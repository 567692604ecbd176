import { randomUUID } from 'node:crypto';
import type { Database, Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import type { Alarms, Notice } from '../alarms/alarms.ts';
import type { FieldError } from '../webhooks/canonical.ts';
import type { InvalidReason } from '../webhooks/interpret.ts';
import type { KnownFields } from '../webhooks/known-fields.ts';

export const KEEP_MS = 14 * 86_400_000;
/** Open rows of one source. A source that sends nothing but rubbish for hours must not fill the disk. */
export const OPEN_PER_SOURCE_MAX = 5000;

/** An authentic body on its way into quarantine, encrypted already. */
export interface QuarantinedBody {
  readonly source: string;
  readonly webhookId: string;
  readonly bodySha256: string;
  readonly reason: InvalidReason;
  readonly errors: readonly FieldError[];
  readonly known: KnownFields;
  readonly keyId: string;
  readonly body: Buffer;
}

// The same body again is counted, judged by the configuration of today, and kept as long as its last answer promised. Its
// bytes are written again only under another key. What was ignored meanwhile is open again; what was taken in is not.
const insert = {
  name: 'ingest_quarantine_insert',
  text: `
    INSERT INTO quarantine AS kept (id, source, webhook_id, body_sha256, reason, errors, known, key_id, body,
                                    received_at, last_seen_at, expires_at)
    SELECT id, source, webhook_id, decode(body_sha256, 'hex'), reason, errors, known, key_id, body,
           $10::timestamptz, $10::timestamptz, $11::timestamptz
      FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::jsonb[], $8::text[], $9::bytea[])
        AS t (id, source, webhook_id, body_sha256, reason, errors, known, key_id, body)
     WHERE (SELECT count(*) FROM (SELECT FROM quarantine q WHERE q.source = t.source AND q.state = 'open'
                                   LIMIT ${OPEN_PER_SOURCE_MAX}) AS open_rows) < ${OPEN_PER_SOURCE_MAX}
    ON CONFLICT (source, webhook_id, body_sha256)
      DO UPDATE SET times = least(kept.times::bigint + 1, 2000000000), last_seen_at = excluded.last_seen_at,
        expires_at = excluded.expires_at, reason = excluded.reason, errors = excluded.errors, known = excluded.known,
        key_id = excluded.key_id, body = CASE WHEN kept.key_id = excluded.key_id THEN kept.body ELSE excluded.body END,
        state = CASE WHEN kept.state = 'ignored' THEN 'open' ELSE kept.state END,
        closed_at = CASE WHEN kept.state = 'ignored' THEN NULL ELSE kept.closed_at END
    RETURNING source, webhook_id AS "webhookId", encode(body_sha256, 'hex') AS "bodySha256"`,
};

/** Keeps what is worth keeping and tells the admin, in one transaction. */
export async function quarantineBatch(
  deps: { db: Database; alarms: Alarms },
  items: readonly QuarantinedBody[],
  nowMs: number,
): Promise<void> {
  // ON CONFLICT cannot touch a row twice in one statement.
  const rows = [...new Map(items.map((item) => [keyOf(item), item])).entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, item]) => item);
  await deps.db.transaction(async (tx) => {
    const kept = await insertRows(tx, rows, nowMs);
    await deps.alarms.notice(tx, items.map((item) => toNotice(item, kept.has(keyOf(item)))), nowMs);
  });
}

async function insertRows(tx: Tx, rows: readonly QuarantinedBody[], nowMs: number): Promise<ReadonlySet<string>> {
  const kept = await tx.query<Pick<QuarantinedBody, 'source' | 'webhookId' | 'bodySha256'>>(insert, [
    rows.map(() => randomUUID()),
    rows.map(({ source }) => source),
    rows.map(({ webhookId }) => webhookId),
    rows.map(({ bodySha256 }) => bodySha256),
    rows.map(({ reason }) => reason),
    rows.map(({ errors }) => JSON.stringify(errors)),
    rows.map(({ known }) => JSON.stringify(known)),
    rows.map(({ keyId }) => keyId),
    rows.map(({ body }) => body),
    formatInstant(nowMs),
    formatInstant(nowMs + KEEP_MS),
  ]);
  return new Set(kept.map(keyOf));
}

function keyOf({ source, webhookId, bodySha256 }: Pick<QuarantinedBody, 'source' | 'webhookId' | 'bodySha256'>): string {
  return `${source} ${webhookId} ${bodySha256}`;
}

function toNotice({ source, reason }: QuarantinedBody, kept: boolean): Notice {
  const where = kept
    ? 'They are kept for 14 days: GET /v1/quarantine shows why, POST /v1/quarantine/replay takes them in after a fix.'
    : `The quarantine of this source is full (${OPEN_PER_SOURCE_MAX}), so this one was not kept: the source must send it again.`;
  return {
    kind: 'webhook-invalid',
    source,
    title: `Webhooks of ${source} are authentic but not valid`,
    detail: `Refused for: ${reason}. ${where}`,
    times: 1,
    labels: { reason },
  };
}
