import type { ServiceName } from '@schoolbell/contracts';
import type { Tx } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';
import type { LedgerSession, PendingMessage } from '../relay/ledger.ts';
import { createEncoder, type EncodedEvent, type NewEvent } from '../events/encode.ts';

const insert = {
  name: 'outbox_append',
  text: `INSERT INTO outbox (stream, subject, event_id, body)
         SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[], $4::text[])
         RETURNING stream, id::float8 AS id, event_id::text AS "messageId", subject, body`,
};

type Row = PendingMessage & { readonly stream: string };

/**
 * The transactional outbox: facts are written in the transaction of their effect, a relay tells them afterwards.
 * `append` wants a transaction by type, so that forgetting atomicity does not compile.
 */
export interface Outbox {
  encode(event: NewEvent): EncodedEvent;
  append(tx: Tx, events: readonly NewEvent[]): Promise<void>;
  /** For a session that is in a transaction of its own: asks it at once. Nothing is offered, so the relay must look. */
  appendOn(session: LedgerSession, event: NewEvent): Promise<void>;
}

/** `appended` is called after the commit of a transaction, with what it has appended to a stream: it need not be looked up. */
export function createOutbox(options: { service: ServiceName; clock: Clock; appended?: (stream: string, rows: readonly PendingMessage[]) => void }): Outbox {
  const encode = createEncoder(options);
  return {
    encode,
    async append(tx, events) {
      if (events.length === 0) return;
      const rows = events.map(encode);
      let inserted: Row[] = [];
      // With the commit: nothing of it is needed before.
      tx.send<Row>(insert, columns(rows), (answered) => (inserted = answered));
      tx.afterCommit(() => {
        for (const [stream, ofStream] of Map.groupBy(inserted, (row) => row.stream)) options.appended?.(stream, ofStream);
      });
    },
    async appendOn(session, event) {
      await session.query(insert, columns([encode(event)]));
    },
  };
}

const columns = (rows: readonly EncodedEvent[]): unknown[] =>
  [rows.map(({ stream }) => stream), rows.map(({ subject }) => subject), rows.map(({ id }) => id), rows.map(({ body }) => body)];
