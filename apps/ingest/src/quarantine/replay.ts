// A replay is today's validator on the stored bytes: the configuration or the code was mended, or the event's time has
// come. The signature was verified when the bytes came and its age does not matter any more. The insert and the
// closing of the row are one transaction, and what was accepted meanwhile supersedes what is quarantined.
import type { Outbox } from '@schoolbell/messaging';
import { classifyDatabaseError, type Database, type Tx } from '@schoolbell/service-kit';
import { formatInstant, type Clock } from '@schoolbell/time';
import type { Source } from '../sources/source.ts';
import type { FieldError } from '../webhooks/canonical.ts';
import { interpret, type InvalidBody } from '../webhooks/interpret.ts';
import { insertAccepted, type AcceptedWebhook } from '../webhooks/store.ts';
import { bindingOf } from './binding.ts';
import { UndecryptableError, type Cipher } from './cipher.ts';

/** What became of a quarantined body. The first three close its row. */
export const REPLAY_OUTCOMES = [
  'replayed',
  'superseded',
  'ignored',
  'still-invalid',
  'undecryptable',
  'source-unknown',
  'closed-before',
] as const;
export type ReplayOutcome = (typeof REPLAY_OUTCOMES)[number];

export interface ReplayResult {
  readonly outcome: ReplayOutcome;
  readonly errors: readonly FieldError[];
}

interface Row {
  readonly source: string;
  readonly webhookId: string;
  readonly bodySha256: string;
  readonly body: Buffer;
  readonly state: string;
}

const find = {
  name: 'ingest_quarantine_find',
  text: `SELECT source, webhook_id AS "webhookId", encode(body_sha256, 'hex') AS "bodySha256", body, state
           FROM quarantine WHERE id = $1`,
};
const isAccepted = {
  name: 'ingest_accepted_exists',
  text: 'SELECT FROM accepted_webhook WHERE source = $1 AND webhook_id = $2',
};
const lockOpen = {
  name: 'ingest_quarantine_lock',
  text: `SELECT FROM quarantine WHERE id = $1 AND state = 'open' FOR UPDATE`,
};
const close = {
  name: 'ingest_quarantine_close',
  text: 'UPDATE quarantine SET state = $2, closed_at = $3::timestamptz WHERE id = $1',
};
const explain = {
  name: 'ingest_quarantine_explain',
  text: `UPDATE quarantine SET reason = $2, errors = $3::jsonb, known = $4::jsonb, looked_at = $5::timestamptz WHERE id = $1 AND state = 'open'`,
};
const lookedAt = {
  name: 'ingest_quarantine_looked_at',
  text: `UPDATE quarantine SET looked_at = $2::timestamptz WHERE id = $1 AND state = 'open'`,
};

/** What the row is today, before anything is written. */
type Judged =
  | { readonly kind: 'done'; readonly result: ReplayResult }
  | { readonly kind: 'invalid'; readonly invalid: InvalidBody }
  | { readonly kind: 'ignored' }
  | { readonly kind: 'event'; readonly accepted: AcceptedWebhook };

export interface Replayer {
  /** Undefined: there is no such row. With `dryRun` nothing is written. */
  replay(id: string, options: { dryRun: boolean }): Promise<ReplayResult | undefined>;
}

export function createReplayer(deps: {
  db: Database;
  outbox: Pick<Outbox, 'encode'>;
  clock: Clock;
  source: (id: string) => Source | undefined;
  cipher: () => Cipher;
}): Replayer {
  const { db, outbox, clock } = deps;

  function judge(row: Row): Judged {
    if (row.state !== 'open') return done('closed-before');
    const source = deps.source(row.source);
    if (source === undefined) return done('source-unknown');
    const body = open(row);
    if (body === undefined) return done('undecryptable');
    // A header is not kept: the id that came in one is the row's, and where none came the body's hash is, which is the same
    // for every repeat. Should the source send it once more with an id, what it says of the attempt changes nothing. An id
    // in the body is looked up where it stands today.
    const headerId = source.eventId.pointer === undefined ? row.webhookId : undefined;
    const seen = interpret(source, body, headerId, clock.now());
    if (seen.kind === 'invalid') return { kind: 'invalid', invalid: seen };
    if (seen.kind === 'ignored') return { kind: 'ignored' };
    const { webhookId, event } = seen;
    const encoded = outbox.encode({ ...event, subject: event.data.attemptId });
    return { kind: 'event', accepted: { source: source.id, webhookId, bodySha256: row.bodySha256, event: encoded } };
  }

  function open(row: Row): Buffer | undefined {
    try {
      return deps.cipher().decrypt(row.body, bindingOf(row));
    } catch (error) {
      if (error instanceof UndecryptableError) return undefined;
      throw error;
    }
  }

  async function foresee(judged: Judged): Promise<ReplayResult> {
    switch (judged.kind) {
      case 'done':
        return judged.result;
      case 'invalid':
        return { outcome: 'still-invalid', errors: judged.invalid.errors };
      case 'ignored':
        return result('ignored');
      case 'event': {
        const { source, webhookId } = judged.accepted;
        return result((await db.query(isAccepted, [source, webhookId])).length > 0 ? 'superseded' : 'replayed');
      }
    }
  }

  async function write(tx: Tx, id: string, judged: Exclude<Judged, { kind: 'done' }>): Promise<ReplayResult> {
    if ((await tx.query(lockOpen, [id])).length === 0) return result('closed-before');
    if (judged.kind === 'invalid') {
      const { reason, errors, known } = judged.invalid;
      await tx.query(explain, [id, reason, JSON.stringify(errors), JSON.stringify(known), formatInstant(clock.now())]);
      return { outcome: 'still-invalid', errors };
    }
    const outcome = judged.kind === 'ignored' ? 'ignored' : await insert(tx, judged.accepted);
    await tx.query(close, [id, outcome, formatInstant(clock.now())]);
    return result(outcome);
  }

  async function insert(tx: Tx, accepted: AcceptedWebhook): Promise<'replayed' | 'superseded'> {
    const [outcome] = await insertAccepted(tx, [accepted], clock.now());
    return outcome === 'stored' ? 'replayed' : 'superseded';
  }

  return {
    async replay(id, { dryRun }) {
      const [row] = await db.query<Row>(find, [id]);
      if (row === undefined) return undefined;
      const judged = judge(row);
      if (dryRun) return foresee(judged);
      if (judged.kind === 'done') {
        await db.query(lookedAt, [id, formatInstant(clock.now())]);
        return judged.result;
      }
      try {
        return await db.transaction((tx) => write(tx, id, judged));
      } catch (error) {
        if (classifyDatabaseError(error) !== 'data') throw error;
        await db.query(lookedAt, [id, formatInstant(clock.now())]);
        return { outcome: 'still-invalid', errors: [{ pointer: '', detail: 'the database cannot store a value of it' }] };
      }
    },
  };
}

function result(outcome: ReplayOutcome): ReplayResult {
  return { outcome, errors: [] };
}

function done(outcome: ReplayOutcome): Judged {
  return { kind: 'done', result: result(outcome) };
}
