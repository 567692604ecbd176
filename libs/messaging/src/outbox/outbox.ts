import type { ServiceName } from '@schoolbell/contracts';
import type { Tx } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';
import { createEncoder, type EncodedEvent, type NewEvent } from '../events/encode.ts';

const insert = {
  name: 'outbox_append',
  text: `INSERT INTO outbox (stream, subject, event_id, body)
         SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[], $4::text[])`,
};

/**
 * The transactional outbox: facts are written in the transaction of their effect, a relay tells them afterwards.
 * `append` wants a transaction by type, so that forgetting atomicity does not compile.
 */
export interface Outbox {
  encode(event: NewEvent): EncodedEvent;
  append(tx: Tx, events: readonly NewEvent[]): Promise<void>;
}

/** `appended` is called after the commit of a transaction that has appended something. */
export function createOutbox(options: { service: ServiceName; clock: Clock; appended?: () => void }): Outbox {
  const encode = createEncoder(options);
  return {
    encode,
    async append(tx, events) {
      if (events.length === 0) return;
      if (options.appended !== undefined) tx.afterCommit(options.appended);
      const rows = events.map(encode);
      // With the commit: nothing of it is needed before.
      tx.send(insert, [
        rows.map(({ stream }) => stream),
        rows.map(({ subject }) => subject),
        rows.map(({ id }) => id),
        rows.map(({ body }) => body),
      ]);
    },
  };
}
