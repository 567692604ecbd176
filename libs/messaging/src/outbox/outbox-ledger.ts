import type { Clock } from '@schoolbell/time';
import type { Ledger } from '../relay/ledger.ts';
import { createQueueLedger } from '../relay/queue-ledger.ts';

interface Row {
  readonly id: number;
  readonly event_id: string;
  readonly subject: string;
  readonly body: string;
}

const outbox = {
  name: 'outbox',
  select: 'SELECT q.id::float8 AS id, q.event_id::text AS event_id, q.subject, q.body FROM outbox AS q WHERE q.stream = $1',
};

/** The outbox as a ledger of one stream. */
export function createOutboxLedger({ stream, clock }: { stream: string; clock: Clock }): Ledger {
  return createQueueLedger<Row>({
    stream,
    table: outbox,
    message: ({ id, event_id: messageId, subject, body }) => ({ id, messageId, subject, body }),
    clock,
  });
}

/** Rows that must outlive their day: not known to be published, lost and not published again yet, or not confirmed. For partitions. */
export const OUTBOX_KEEP_WHILE = `stream NOT IN (SELECT s.stream FROM stream_state AS s WHERE id <= s.checked_id)
  OR (stream, id) IN (SELECT a.stream, a.id FROM publish_again AS a)
  OR (stream, id) IN (SELECT p.stream, unnest(p.ids) FROM publication AS p JOIN stream_state AS s USING (stream, epoch) WHERE p.seq > s.floor)`;
