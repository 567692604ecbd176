import { alertRaised, directAlertSubject, type AlertData, type ServiceName } from '@schoolbell/contracts';
import type { Log, Tx } from '@schoolbell/service-kit';
import type { Nats } from '../nats/connection.ts';
import type { NewDeadLetter } from '../dead-letters/store.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { LedgerSession } from '../relay/ledger.ts';

export type NewAlert = Omit<AlertData, 'service' | 'labels'> & { readonly labels?: Readonly<Record<string, string>> };

/** How a service tells the on-call admin. */
export interface Alerts {
  /** With the effect that it is about, in its transaction. Wake the relay after the commit. */
  raise(tx: Tx, alerts: readonly NewAlert[]): Promise<void>;
  /** The same for a session that is in a transaction of its own. Asks it at once, and the relay must look. */
  raiseOn(session: LedgerSession, alert: NewAlert): Promise<void>;
  /**
   * Past database and JetStream, for alerts about these two. Not kept: repeat it for as long as the trouble lasts.
   * With NATS away nothing is sent, and the notifier finds out by itself.
   */
  raiseDirect(alert: NewAlert): void;
}

export function createAlerts(deps: { service: ServiceName; outbox: Outbox; nats: Nats; log: Log }): Alerts {
  const { service, outbox, nats, log } = deps;
  const definition = alertRaised(service);
  const event = (alert: NewAlert) => ({ definition, data: { ...alert, service, labels: { ...alert.labels } }, subject: alert.fingerprint });
  return {
    async raise(tx, alerts) {
      await outbox.append(tx, alerts.map(event));
    },
    raiseOn: (session, alert) => outbox.appendOn(session, event(alert)),
    raiseDirect(alert) {
      const connection = nats.current()?.connection;
      if (connection === undefined || !nats.connected()) return;
      try {
        connection.publish(directAlertSubject(service), outbox.encode(event(alert)).body);
      } catch (error) {
        log.warn({ err: error, kind: alert.kind }, 'a direct alert could not be sent');
      }
    },
  };
}

/** The alert of events that were parked, for `createConsumer({ onDead })`: one per durable and code. */
export function deadLetterAlert(alerts: Alerts): (tx: Tx, letters: readonly NewDeadLetter[]) => Promise<void> {
  return async (tx, letters) => {
    const first = new Map(letters.map((letter) => [`${letter.durable}:${letter.code}`, letter]));
    await alerts.raise(
      tx,
      [...first].map(([key, { durable, code, detail, eventId }]) => ({
        fingerprint: `dead-letter:${key}`,
        kind: 'dead-letter',
        state: 'firing',
        severity: 'critical',
        title: `Events of ${durable} could not be handled (${code})`,
        detail: `${detail} Listed at /v1/dead-letters, replayable there after a fix.`.slice(0, 2_000),
        labels: { durable, code, eventId },
      })),
    );
  };
}
