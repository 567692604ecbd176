import { classifyDatabaseError, type Database, type Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import type { EncodedEvent, PendingMessage } from '@schoolbell/messaging';

/** An authentic, valid webhook on its way into the database. */
export interface AcceptedWebhook {
  readonly source: string;
  readonly webhookId: string;
  /** SHA-256 of the raw body, hexadecimal. */
  readonly bodySha256: string;
  readonly event: EncodedEvent;
}

/** `conflict`: the id was accepted before with another body. `unstorable`: the database cannot hold a value of it. */
export type AcceptOutcome = 'stored' | 'duplicate' | 'conflict' | 'unstorable';

/** An outbox row, or a webhook that was known. */
type InsertedRow = { readonly position: null; readonly told: number } | (RepeatedRow & { readonly told: null });

interface RepeatedRow {
  readonly position: number;
  /** Null when the earlier row was committed after this statement began. */
  readonly stored: string | null;
}

// One statement, so one round trip and one commit for the whole batch. Rows come sorted by key: replicas that insert
// the same keys at once wait for each other in the same order. Returned are the outbox rows of what is new, in the order of
// their positions, and the positions of what was there before. The look-up of
// its hash is a subquery per row on purpose: joined, and without statistics, it can become a scan of the table.
// A column travels as lines of one text: no name or id has a line break and JSON escapes it, and an array of JSON texts
// would have each of their quotes escaped here and parsed there. A row that broke this rule would break the number of
// lines, and stand alone as unstorable in the end.
const insertBatch = {
  name: 'ingest_accept',
  text: `
    WITH incoming AS (
      SELECT * FROM unnest(string_to_array($1, E'\\n'), string_to_array($2, E'\\n'), string_to_array($3, E'\\n'), string_to_array($4, E'\\n'),
                           string_to_array($5, E'\\n'), string_to_array($6, E'\\n'), string_to_array($7, E'\\n'))
        WITH ORDINALITY AS t (source, webhook_id, body_sha256, event_id, stream, subject, body, position)
    ), fresh AS (
      INSERT INTO accepted_webhook (source, webhook_id, body_sha256, received_at)
      SELECT source, webhook_id, decode(body_sha256, 'hex'), $8::timestamptz FROM incoming ORDER BY position
      ON CONFLICT DO NOTHING
      RETURNING source, webhook_id
    ), told AS (
      INSERT INTO outbox (stream, subject, event_id, body)
      SELECT stream, subject, event_id::uuid, body FROM incoming JOIN fresh USING (source, webhook_id) ORDER BY position
      RETURNING id
    )
    SELECT NULL AS position, NULL AS stored, id::float8 AS told FROM told
    UNION ALL
    SELECT position::int,
           (SELECT encode(a.body_sha256, 'hex') FROM accepted_webhook a
             WHERE a.source = incoming.source AND a.webhook_id = incoming.webhook_id), NULL
      FROM incoming LEFT JOIN fresh USING (source, webhook_id)
     WHERE fresh.source IS NULL`,
};

// A second statement sees what was committed while the first one waited for it.
const readHashes = {
  name: 'ingest_accepted_hash',
  text: `
    SELECT wanted.position::int AS position,
           (SELECT encode(a.body_sha256, 'hex') FROM accepted_webhook a
             WHERE a.source = wanted.source AND a.webhook_id = wanted.webhook_id) AS stored
      FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS wanted (source, webhook_id, position)`,
};

type Run = Pick<Database, 'query'> | Pick<Tx, 'query'>;

/** Where the events of new webhooks stand in the outbox. */
export type Told = (rows: readonly PendingMessage[]) => void;

/** Inserts webhooks that are distinct by (source, id) and sorted by it. Outcomes are in the order of the rows. */
export async function insertAccepted(run: Run, rows: readonly AcceptedWebhook[], nowMs: number, told?: Told): Promise<AcceptOutcome[]> {
  const inserted = await run.query<InsertedRow>(insertBatch, [
    lines(rows, ({ source }) => source),
    lines(rows, ({ webhookId }) => webhookId),
    lines(rows, ({ bodySha256 }) => bodySha256),
    lines(rows, ({ event }) => event.id),
    lines(rows, ({ event }) => event.stream),
    lines(rows, ({ event }) => event.subject),
    lines(rows, ({ event }) => event.body),
    formatInstant(nowMs),
  ]);
  const outcomes = new Array<AcceptOutcome>(rows.length).fill('stored');
  const repeated = inserted.filter((row) => row.told === null);
  if (told !== undefined) told(placed(rows, repeated, inserted));
  if (repeated.length === 0) return outcomes;
  for (const { position, stored } of await withHashes(run, rows, repeated)) {
    outcomes[position - 1] = stored === rows[position - 1]!.bodySha256 ? 'duplicate' : 'conflict';
  }
  return outcomes;
}

function placed(rows: readonly AcceptedWebhook[], repeated: readonly RepeatedRow[], inserted: readonly InsertedRow[]): PendingMessage[] {
  const known = new Set(repeated.map(({ position }) => position));
  const fresh = known.size === 0 ? rows : rows.filter((_, index) => !known.has(index + 1));
  const ids = inserted.flatMap(({ told }) => told ?? []);
  return fresh.map(({ event }, index) => ({ id: ids[index]!, messageId: event.id, subject: event.subject, body: event.body }));
}

function lines(rows: readonly AcceptedWebhook[], column: (row: AcceptedWebhook) => string): string {
  let text = column(rows[0]!);
  for (let index = 1; index < rows.length; index += 1) text += `\n${column(rows[index]!)}`;
  return text;
}

async function withHashes(
  run: Run,
  rows: readonly AcceptedWebhook[],
  repeated: readonly RepeatedRow[],
): Promise<readonly RepeatedRow[]> {
  const unseen = repeated.filter(({ stored }) => stored === null);
  if (unseen.length === 0) return repeated;
  const wanted = unseen.map(({ position }) => rows[position - 1]!);
  const found = await run.query<RepeatedRow>(readHashes, [
    wanted.map(({ source }) => source),
    wanted.map(({ webhookId }) => webhookId),
  ]);
  const seen = found.map(({ position, stored }) => ({ position: unseen[position - 1]!.position, stored }));
  return [...repeated.filter(({ stored }) => stored !== null), ...seen];
}

/**
 * Stores one micro-batch. Of several webhooks with one id the first is stored, one with another body is compared with
 * what then stands there. A value that the database refuses must not fail its neighbours: the batch is halved until
 * that row stands alone. `told` hears of each statement after its commit.
 */
export async function acceptBatch(db: Database, items: readonly AcceptedWebhook[], nowMs: number, told?: Told): Promise<AcceptOutcome[]> {
  const keyed = items.map((item, index) => ({ key: keyOf(item), item, index }));
  // The sort is stable: webhooks with one id stay in the order in which they came.
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const firsts = keyed.filter(({ key }, position) => key !== keyed[position - 1]?.key);
  const outcomes = new Array<AcceptOutcome>(items.length);
  for (const [position, outcome] of (await insertOrHalve(db, firsts.map(({ item }) => item), nowMs, told)).entries()) outcomes[firsts[position]!.index] = outcome;
  if (firsts.length === items.length) return outcomes;

  const others: typeof keyed = [];
  let first = keyed[0]!;
  for (const one of keyed) {
    if (one.key !== first.key) first = one;
    if (one === first) continue;
    const outcome = outcomes[first.index]!;
    outcomes[one.index] = outcome === 'stored' ? 'duplicate' : outcome;
    if (one.item.bodySha256 !== first.item.bodySha256) others.push(one);
  }
  if (others.length === 0) return outcomes;
  for (const [position, outcome] of (await acceptBatch(db, others.map(({ item }) => item), nowMs, told)).entries()) outcomes[others[position]!.index] = outcome;
  return outcomes;
}

async function insertOrHalve(db: Database, rows: readonly AcceptedWebhook[], nowMs: number, told: Told | undefined): Promise<AcceptOutcome[]> {
  try {
    return await insertAccepted(db, rows, nowMs, told);
  } catch (error) {
    const failure = classifyDatabaseError(error);
    if (failure !== 'data' && failure !== 'constraint') throw error;
    if (rows.length === 1) return ['unstorable'];
    const middle = rows.length >> 1;
    const left = await insertOrHalve(db, rows.slice(0, middle), nowMs, told);
    return [...left, ...(await insertOrHalve(db, rows.slice(middle), nowMs, told))];
  }
}

/** A space cannot stand in a source's name, so no two pairs share a key; the order is that of (source, id). */
function keyOf({ source, webhookId }: AcceptedWebhook): string {
  return `${source} ${webhookId}`;
}
