import { AlertData } from '@schoolbell/contracts';
import type { ReceivedEvent } from '@schoolbell/messaging';
import { parseInstant } from '@schoolbell/time';
import type { Arrival } from './ledger.ts';
import { EVENT_KINDS } from './policy.ts';

/** An event of an alert stream. Its data is checked already; parsing again gives it its type. */
export function arrivalOf(event: ReceivedEvent): Arrival {
  return { eventId: event.id, sighting: { alert: storable(AlertData.parse(event.data)), atMs: parseInstant(event.time), level: false } };
}

/** A direct alert: kept by nobody, and repeated until it is over, unless it reports an event that has no end. */
export function directArrivalOf(event: ReceivedEvent): Arrival {
  const alert = storable(AlertData.parse(event.data));
  return { sighting: { alert, atMs: parseInstant(event.time), level: !EVENT_KINDS.includes(alert.kind) } };
}

/** Postgres has no NUL in text and no lone surrogates. An alert must not end as a dead letter for what it quotes. */
export function storable(alert: AlertData): AlertData {
  return {
    ...alert,
    fingerprint: text(alert.fingerprint),
    title: text(alert.title),
    detail: text(alert.detail),
    labels: Object.fromEntries(Object.entries(alert.labels).map(([key, value]) => [text(key), text(value)])),
  };
}

function text(value: string): string {
  return value.replaceAll('\u0000', '\ufffd').toWellFormed();
}
