// From raw bytes to a canonical event: JSON, event id, ignored types, transform, structure, organization, instants,
// in this order. The webhook endpoint and the replay of quarantined bodies run the same function.
import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import { TransformError, type Transform } from '@schoolbell/service-kit';
import type { Source } from '../sources/source.ts';
import { lookUp } from '../sources/pointer.ts';
import { parseWebhook, toEvent, type CanonicalEvent, type FieldError } from './canonical.ts';
import { checkInstants } from './instants.ts';
import { knownFields, type KnownFields } from './known-fields.ts';

/** Why an authentic body is not an event. All but `not-json` answer 422. */
export type InvalidReason = 'not-json' | 'event-id' | 'transform' | 'structure' | 'organization' | 'instant' | 'unstorable';

export interface InvalidBody {
  readonly kind: 'invalid';
  readonly webhookId: string;
  readonly reason: InvalidReason;
  readonly errors: readonly FieldError[];
  readonly known: KnownFields;
}

export type Interpretation =
  | { readonly kind: 'event'; readonly webhookId: string; readonly event: CanonicalEvent }
  | { readonly kind: 'ignored'; readonly webhookId: string }
  | InvalidBody;

/** `headerId` is the event id as the headers gave it, if they are where the source puts it. */
export function interpret(source: Source, body: Buffer, headerId: string | undefined, nowMs: number): Interpretation {
  const json = parseJson(body);
  if (json === undefined) {
    const detail = isUtf8(body) ? 'The body is not JSON.' : 'The body is not UTF-8.';
    return invalid(headerId ?? substituteId(body), 'not-json', [{ pointer: '', detail }]);
  }
  const eventId = headerId ?? source.eventId.fromBody(json.value);
  const webhookId = eventId ?? substituteId(body);
  if (source.ignoredTypes.size > 0 && isIgnored(source, json.value)) return { kind: 'ignored', webhookId };
  if (eventId === undefined) {
    const detail = `an event id of 1 to 64 printable ASCII characters without "@" is expected at: ${source.eventId.place}`;
    return invalid(webhookId, 'event-id', [{ pointer: source.eventId.pointer ?? '', detail }], json.value);
  }
  if (source.transform === undefined) return judge(source, json.value, webhookId, nowMs);
  const output = transform(source.transform, body);
  if ('detail' in output) return invalid(webhookId, 'transform', [{ pointer: '', detail: output.detail }]);
  return judge(source, output.value, webhookId, nowMs);
}

function transform({ applyText }: Transform, body: Buffer): { value: unknown } | { detail: string } {
  try {
    const text = applyText(body.toString('utf8'));
    return text === undefined ? { detail: 'the transform of the source selects nothing' } : { value: JSON.parse(text) };
  } catch (error) {
    if (!(error instanceof TransformError)) throw error;
    // The message of a failed expression may quote the event: its code and place do not.
    const place = error.position === undefined ? '' : ` at character ${error.position} of the expression`;
    return { detail: `the transform of the source failed (${error.code})${place}` };
  }
}

/** Everything behind the transform. */
function judge(source: Source, value: unknown, webhookId: string, nowMs: number): Interpretation {
  const parsed = parseWebhook(value);
  if ('errors' in parsed) return invalid(webhookId, 'structure', parsed.errors, value);
  const { webhook } = parsed;
  const organizationId = webhook.data.organizationId ?? source.defaultOrganization;
  if (!source.organizations.has(organizationId)) {
    const detail = 'is not an organization that this source may report about';
    return invalid(webhookId, 'organization', [{ pointer: '/data/organizationId', detail }], value);
  }
  const errors = checkInstants(webhook, nowMs);
  if (errors.length > 0) return invalid(webhookId, 'instant', errors, value);
  return { kind: 'event', webhookId, event: toEvent(webhook, { source: source.id, webhookId, organizationId }) };
}

function invalid(webhookId: string, reason: InvalidReason, errors: readonly FieldError[], value?: unknown): InvalidBody {
  return { kind: 'invalid', webhookId, reason, errors, known: knownFields(value) };
}

function parseJson(body: Buffer): { value: unknown } | undefined {
  // toString would replace what is not UTF-8, and the event would then say something that was never signed.
  if (!isUtf8(body)) return undefined;
  try {
    return { value: JSON.parse(body.toString('utf8')) };
  } catch {
    return undefined;
  }
}

function isIgnored(source: Source, json: unknown): boolean {
  const type = lookUp(json, source.typePointer);
  return typeof type === 'string' && source.ignoredTypes.has(type);
}

/** A body without an id of its own is known by its hash, so that its repeats are one quarantined row. */
function substituteId(body: Buffer): string {
  return `sha256-${hash('sha256', body, 'base64url')}`;
}
