import { hash } from 'node:crypto';
import { resultsSummaryStream, resultsSummaryUpdated } from '@schoolbell/contracts';
import { createQueueLedger, type Ledger, type PendingMessage } from '@schoolbell/messaging';
import { formatInstant, type Clock } from '@schoolbell/time';
import type { QueuedSummary } from '../fold/write.ts';

// OFFSET 0 keeps the planner from making a join of it that reads all learners.
const queue = {
  name: 'summary_queue',
  select: `SELECT q.id::float8 AS id, q.organization_id AS "organizationId", q.learner_id AS "learnerId", q.revision, l.body FROM summary_queue AS q
           CROSS JOIN LATERAL (SELECT body FROM learner
             WHERE learner.organization_id = q.organization_id AND learner.learner_id = q.learner_id AND learner.revision = q.revision OFFSET 0) AS l
           WHERE $1 = '${resultsSummaryStream.name}'`,
};

/**
 * The newest summaries as a ledger: the queue names revisions, and only one that is still the newest is told. So what
 * is overtaken before it was told is never told.
 */
export function createSummaryLedger({ clock }: { clock: Clock }): Ledger {
  return createQueueLedger<QueuedSummary>({ stream: resultsSummaryStream.name, table: queue, message: (row) => summaryMessage(row, clock.now()), clock });
}

/** A summary as it is told. */
export function summaryMessage({ id, organizationId, learnerId, revision, body }: QueuedSummary, nowMs: number): PendingMessage {
  // Ids may hold anything printable; this one is text for a header. The same for the same revision, told again or not.
  const eventId = hash('sha256', JSON.stringify([organizationId, learnerId, revision]), 'base64url');
  return {
    id,
    messageId: `summary-${id}`,
    subject: resultsSummaryUpdated.subject,
    body: JSON.stringify({
      specversion: '1.0',
      id: `summary-${eventId}`,
      source: '/schoolbell/results',
      type: resultsSummaryUpdated.type,
      time: formatInstant(nowMs),
      datacontenttype: 'application/json',
      data: { organizationId, learnerId, revision, body },
    }),
  };
}

/** Rows of the queue that must outlive their day. */
export const QUEUE_KEEP_WHILE = `id > coalesce((SELECT checked_id FROM stream_state WHERE stream = '${resultsSummaryStream.name}'), 0)
  OR id IN (SELECT a.id FROM publish_again AS a WHERE a.stream = '${resultsSummaryStream.name}')
  OR id IN (SELECT unnest(p.ids) FROM publication AS p JOIN stream_state AS s USING (stream, epoch)
             WHERE p.stream = '${resultsSummaryStream.name}' AND p.seq > s.floor)`;
