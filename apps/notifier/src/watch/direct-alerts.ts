import { alertRaised, DIRECT_ALERT_WILDCARD } from '@schoolbell/contracts';
import { createParser, type Nats } from '@schoolbell/messaging';
import type { Log } from '@schoolbell/service-kit';
import { directArrivalOf } from '../problems/intake.ts';
import type { Arrival } from '../problems/ledger.ts';

/** Replicas share what is told directly: each alert goes to one of them. */
const QUEUE_GROUP = 'notifier';

/** Hears the alerts that pass neither a database nor a stream. Returns how to stop. */
export function hearDirectAlerts(deps: { nats: Nats; take: (arrivals: readonly Arrival[]) => void; log: Log }): () => void {
  const { nats, log } = deps;
  // One type for all services: which one it was stands in the alert.
  const parse = createParser([alertRaised('ingest')]);
  let stop: (() => void) | undefined;

  function hear(text: string): void {
    const parsed = parse(text);
    if (parsed.ok) deps.take([directArrivalOf(parsed.event)]);
    else log.error({ code: parsed.unreadable.code, detail: parsed.unreadable.detail }, 'a direct alert could not be understood');
  }

  // The client keeps its subscriptions over reconnects, so one is enough.
  const listen = (): void => {
    const connection = nats.current()?.connection;
    if (connection === undefined || stop !== undefined) return;
    const subscription = connection.subscribe(DIRECT_ALERT_WILDCARD, {
      queue: QUEUE_GROUP,
      callback: (error, message) => {
        if (error === null) hear(message.string());
      },
    });
    stop = () => subscription.unsubscribe();
  };
  const unlisten = nats.onConnect(listen);
  listen();
  return () => {
    unlisten();
    stop?.();
  };
}
