import { deliveryCircuitChanged, deliveryDestinationChanged, deliverySummaryParked } from '@schoolbell/contracts';
import type { Alerts, NewAlert, Outbox } from '@schoolbell/messaging';
import type { Tx } from '@schoolbell/service-kit';
import type { ParkedRow } from '../wanted/mark.ts';
import type { Change } from './react.ts';
import type { DestinationState } from './state.ts';

const DETAIL_MAX_LENGTH = 1_000;

type Named = Pick<DestinationState, 'id' | 'organizationId'>;

/** Tells others what changed, in the transaction of the change: an event for every change, an alert where it hurts. */
export interface Announcer {
  changed(tx: Tx, destination: Named, changes: readonly Change[]): Promise<void>;
  parked(tx: Tx, destination: Named, rows: readonly ParkedRow[]): Promise<void>;
}

export function createAnnouncer({ outbox, alerts }: { outbox: Outbox; alerts: Alerts }): Announcer {
  return {
    async changed(tx, { id, organizationId }, changes) {
      const base = { destinationId: id, organizationId };
      const events = changes.map((change) =>
        change.kind === 'circuit'
          ? { definition: deliveryCircuitChanged, subject: id, data: { ...base, circuit: change.circuit, reason: change.reason } }
          : { definition: deliveryDestinationChanged, subject: id, data: { ...base, state: change.state, reason: change.reason } },
      );
      await outbox.append(tx, events);
      await alerts.raise(tx, changes.flatMap((change) => alertOf(id, change) ?? []));
    },
    async parked(tx, { id, organizationId }, rows) {
      if (rows.length === 0) return;
      await outbox.append(
        tx,
        rows.map(({ kind, key, revision, attempts, failure }) => ({
          definition: deliverySummaryParked,
          subject: key,
          data: { destinationId: id, organizationId, subjectKey: kind === 'summary' ? key : `${kind}:${key}`, revision, attempts, reason: failure },
        })),
      );
      const [first] = rows;
      await alerts.raise(tx, [
        {
          ...parkedAlert(id),
          state: 'firing',
          detail: detail(
            `${rows.length} more parked, the first for "${first?.key}": ${first?.failure}. Listed at /v1/undelivered?state=parked, sent again by a replay or a newer revision.`,
          ),
        },
      ]);
    },
  };
}

type AlertIdentity = Pick<NewAlert, 'fingerprint' | 'kind' | 'severity' | 'title' | 'labels'>;

/** Identity of the alert about parked messages; its end is raised by the watch. */
export const parkedAlert = (destination: string): AlertIdentity => ({
  fingerprint: `summary-parked:${destination}`,
  kind: 'summary-parked',
  severity: 'warning',
  title: `Messages for ${destination} are parked`,
  labels: { destination },
});

/** Identity of the alert about the age of what waits; the watch raises it and its end. */
export const lateAlert = (destination: string): AlertIdentity => ({
  fingerprint: `destination-late:${destination}`,
  kind: 'destination-late',
  severity: 'warning',
  title: `Messages for ${destination} wait too long`,
  labels: { destination },
});

/** The alert of a change, if it is one that hurts or ends one. */
export function alertOf(destination: string, change: Change): NewAlert | undefined {
  const labels = { destination };
  if (change.kind === 'circuit') {
    return {
      fingerprint: `circuit-open:${destination}`,
      kind: 'circuit-open',
      severity: 'critical',
      title: `The circuit of ${destination} is open`,
      state: change.circuit === 'open' ? 'firing' : 'resolved',
      detail: detail(
        change.circuit === 'open'
          ? `${change.reason}. Nothing is sent but a probe every 5 s; nothing is lost, and all of it is sent once a probe succeeds.`
          : `A probe got through (${change.reason}); what waited is being sent.`,
      ),
      labels,
    };
  }
  if (change.state === 'paused') return undefined;
  return {
    fingerprint: `destination-disabled:${destination}`,
    kind: 'destination-disabled',
    severity: 'critical',
    title: `${destination} is disabled`,
    state: change.state === 'disabled' ? 'firing' : 'resolved',
    detail: detail(
      change.state === 'disabled'
        ? `It ${change.reason}. Nothing is sent until somebody resumes it: POST /v1/destinations/${destination}/resume.`
        : `Resumed: ${change.reason}.`,
    ),
    labels,
  };
}

const detail = (text: string): string => text.slice(0, DETAIL_MAX_LENGTH);
