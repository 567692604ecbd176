import type { Metrics } from '@schoolbell/service-kit';
import { Counter, Gauge } from 'prom-client';
import type { MailOutcome } from './outcome.ts';

export interface MailQueueStatus {
  /** Notices that wait to be written. */
  readonly waiting: number;
  readonly oldestSeconds: number;
  /** Addresses that refuse mail. */
  readonly refused: number;
}

export interface MailMetrics {
  attempted(outcome: MailOutcome['kind'] | 'unwritable'): void;
  dropped(items: number): void;
  queue(status: MailQueueStatus): void;
}

export function createMailMetrics({ registry }: Metrics): MailMetrics {
  const registers = [registry];
  const mails = new Counter({ name: 'mail_attempts_total', help: 'Mails handed to the SMTP server, by what became of them.', labelNames: ['outcome'], registers });
  const dropped = new Counter({ name: 'mail_dropped_total', help: 'Notices that were too old to be written by the time they could be.', registers });
  const waiting = new Gauge({ name: 'mail_queue_length', help: 'Notices that wait to be written to somebody.', registers });
  const oldest = new Gauge({ name: 'mail_queue_oldest_seconds', help: 'Age of the oldest of them; 0 when none waits.', registers });
  const refused = new Gauge({ name: 'mail_addresses_refused', help: 'Addresses that a server refuses for good.', registers });
  return {
    attempted: (outcome) => mails.inc({ outcome }),
    dropped: (items) => dropped.inc(items),
    queue(status) {
      waiting.set(status.waiting);
      oldest.set(status.oldestSeconds);
      refused.set(status.refused);
    },
  };
}
