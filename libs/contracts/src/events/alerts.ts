import { z } from 'zod';
import type { ServiceName } from '../services.ts';
import { SERVICE_NAMES } from '../services.ts';
import { defineEvent, type EventDefinition } from '../envelope.ts';

/** Every kind of alert. Each has a page `docs/runbook/<kind>.md`; a test says so. */
export const ALERT_KINDS = [
  'webhook-invalid',
  'webhook-refused',
  'webhook-conflict',
  'source-silent',
  'database-down',
  'nats-down',
  'service-down',
  'stream-lost',
  'outbox-backlog',
  'dead-letter',
  'circuit-open',
  'destination-disabled',
  'destination-late',
  'summary-parked',
  'lesson-overdue',
  'configuration-refused',
  'notifier-backlog',
  'mail-backlog',
  'smtp-unusable',
  'mail-given-up',
  'mail-refused',
] as const;

/**
 * Something an admin must know. Alerts of one `fingerprint` are one problem: the first is told at once, repeats are
 * counted into a digest, and `resolved` ends it.
 */
export const AlertData = z.object({
  fingerprint: z.string().min(1).max(200),
  kind: z.enum(ALERT_KINDS),
  state: z.enum(['firing', 'resolved']),
  severity: z.enum(['critical', 'warning']),
  service: z.enum(SERVICE_NAMES),
  /** One line, constant for the kind and its subject. Never personal data, never a secret. */
  title: z.string().min(1).max(200),
  /** What happened this time, and the way out. */
  detail: z.string().max(2000),
  /** Ids for commands and look-ups: source, destination, deadLetterId. */
  labels: z.record(z.string(), z.string()).default({}),
});
export type AlertData = z.infer<typeof AlertData>;
export type AlertKind = AlertData['kind'];

/** The alert of one service on its own stream (a stream has one producer). */
export function alertRaised(service: ServiceName): EventDefinition<'alerts.raised.v1', typeof AlertData> {
  return defineEvent({
    type: 'alerts.raised.v1',
    subject: `alerts.${service}.raised`,
    data: AlertData,
    description: 'A problem began, goes on, or ended.',
  });
}
/**
 * Subject for alerts about the database or JetStream themselves: plain NATS, kept by no stream, so that they need
 * neither of the two.
 */
export const directAlertSubject = (service: ServiceName): string => `direct-alerts.${service}`;
export const DIRECT_ALERT_WILDCARD = 'direct-alerts.*';
