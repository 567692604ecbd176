import * as contracts from '@schoolbell/contracts';

/** Who tells nothing: an alert about itself would have to pass through itself. */
const NO_ALERTS_FROM = 'notifier';

/** What contracts export, and what stands in their exported lists and records. */
const definitions: unknown[] = Object.values(contracts).flatMap((value) => (isPlain(value) ? [value, ...Object.values(value)] : [value]));

/** Every event that contracts export, so that a new one cannot be forgotten here. */
export function knownEvents(): contracts.EventDefinition[] {
  const alerts = contracts.SERVICE_NAMES.filter((service) => service !== NO_ALERTS_FROM).map(contracts.alertRaised);
  return [...new Set([...definitions.filter(isEvent), ...alerts])].sort((a, b) => (a.subject < b.subject ? -1 : 1));
}

/** Every question or command that contracts export. */
export function knownRequests(): contracts.RequestDefinition[] {
  return definitions.filter(isRequest).sort((a, b) => (a.subject < b.subject ? -1 : 1));
}

function isPlain(value: unknown): value is object {
  return Array.isArray(value) || (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype);
}

const has = (value: unknown, ...keys: string[]): boolean =>
  typeof value === 'object' && value !== null && keys.every((key) => key in value);

const isEvent = (value: unknown): value is contracts.EventDefinition => has(value, 'type', 'subject', 'data', 'description');
const isRequest = (value: unknown): value is contracts.RequestDefinition => has(value, 'subject', 'request', 'reply', 'description');
