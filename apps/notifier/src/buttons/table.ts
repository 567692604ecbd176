import type { AlertKind } from '@schoolbell/contracts';
import type { Act } from '../acts/act.ts';
import type { Problem } from '../problems/problem.ts';
import type { Verb } from './data.ts';

/** What makes sense for every alert. */
const ALWAYS: readonly Verb[] = ['acknowledge', 'mute', 'show'];

/** What makes sense beside it, by kind. A row that is missing does not compile. */
export const BUTTONS: Readonly<Record<AlertKind, readonly Verb[]>> = Object.freeze({
  'webhook-invalid': ['replay'],
  'webhook-refused': [],
  'webhook-conflict': [],
  'source-silent': [],
  'database-down': [],
  'nats-down': [],
  'service-down': [],
  'stream-lost': [],
  'outbox-backlog': [],
  'dead-letter': ['replay'],
  'circuit-open': ['pause'],
  'destination-disabled': ['resume'],
  'destination-late': ['pause'],
  'summary-parked': ['replay', 'pause'],
  'lesson-overdue': [],
  'configuration-refused': [],
  'notifier-backlog': [],
  'mail-backlog': [],
  'smtp-unusable': [],
  'mail-given-up': [],
  'mail-refused': [],
});

type About = Pick<Problem, 'kind' | 'service' | 'labels'>;

/** The buttons of a problem, in their order: nothing that its labels do not say enough for. */
export function verbsOf(problem: About): readonly Verb[] {
  return [...ALWAYS, ...BUTTONS[problem.kind].filter((verb) => actOf(problem, verb) !== undefined)];
}

/** What a button does to another service. Undefined: it does nothing there, or the alert does not name its subject. */
export function actOf({ kind, service, labels }: About, verb: Verb): Act | undefined {
  const { destination, durable, source } = labels;
  if (verb === 'pause' || verb === 'resume') return destination === undefined ? undefined : { kind: verb, destination };
  if (verb !== 'replay') return undefined;
  if (kind === 'dead-letter') return { kind: 'replay-dead-letters', service, ...(durable !== undefined && { durable }) };
  if (kind === 'webhook-invalid') return source === undefined ? undefined : { kind: 'replay-quarantine', source };
  return destination === undefined ? undefined : { kind: 'replay', destination, state: 'parked' };
}
