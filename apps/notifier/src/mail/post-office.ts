import type { NewAlert } from '@schoolbell/messaging';
import type { Database, Health, Log, Metrics, Periodic, Tx } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';
import type { Links } from '../links/links.ts';
import type { Telling } from '../notices/decide.ts';
import { createGivingUp } from './give-up.ts';
import { mailAbout } from './intake.ts';
import { createMailboxStore, type MailboxStore } from './mailbox-store.ts';
import { createMailMetrics } from './metrics.ts';
import { createOutlets, leaseMsOf, type MailSettings } from './outlets.ts';
import { createMailQueue } from './queue.ts';
import { createMailSender } from './sender.ts';
import { createMailWatch } from './watch.ts';
import { createWriter } from './writer.ts';

/** Everything about mail, wired once. */
export interface PostOffice {
  readonly mailboxes: MailboxStore;
  /** Metrics, health and the alert of a backlog; starts and stops with the other jobs. */
  readonly watch: Periodic;
  /** Queues mail about what is told, in its transaction; nothing while there is no way to send. */
  about(tx: Tx, tellings: readonly Telling[], nowMs: number): Promise<void>;
  /** Ends what nobody could be sent in time; in every replica, from time to time. */
  giveUp(signal: AbortSignal): Promise<void>;
  wake(): void;
  start(): void;
  /** Finishes the mails in hand. */
  stop(): Promise<void>;
}

export function createPostOffice(deps: {
  db: Database;
  settings: () => MailSettings | undefined;
  /** Where mails are written while there is no server. */
  folder: string | undefined;
  links: Links;
  report: (alert: NewAlert) => void;
  /** As `report`, of an event, in its transaction. */
  alert: (tx: Tx, alert: NewAlert, nowMs: number) => Promise<void>;
  clock: Clock;
  log: Log;
  health: Health;
  metrics: Metrics;
}): PostOffice {
  const { db, settings, clock, log, health, report } = deps;
  const metrics = createMailMetrics(deps.metrics);
  const outlets = createOutlets(settings, deps.folder);
  const senderOf = (): MailSettings['sender'] => {
    const current = settings();
    if (current === undefined) throw new Error('mail is not configured any more');
    return current.sender;
  };
  const givingUp = createGivingUp({ db, dropped: (items) => metrics.dropped(items), alert: deps.alert });
  const queue = createMailQueue({
    db,
    leaseMs: () => leaseMsOf(settings()),
    domain: () => senderOf().address.split('@')[1] ?? 'localhost',
    giveUp: givingUp.ofReader,
    alert: deps.alert,
  });
  const sender = createMailSender({ queue, outlet: () => outlets.current(), write: createWriter({ db, links: deps.links, sender: senderOf }), clock, log, metrics });
  return {
    mailboxes: createMailboxStore(db),
    watch: createMailWatch({ db, fault: () => sender.fault(), clock, log, health, metrics, report }),
    async about(tx, tellings, nowMs) {
      if (outlets.current() !== undefined) await mailAbout(tx, tellings, nowMs);
    },
    giveUp: (signal) => givingUp.ofAll(clock.now(), signal),
    wake: () => sender.wake(),
    start: () => sender.start(),
    async stop() {
      await sender.stop();
      outlets.close();
    },
  };
}
