import type { Envelope } from '../envelope.ts';
import type { ResultData, VoidData } from '../events/ingest.ts';
import type { SummaryUpdatedData } from '../events/results.ts';
import { readPlainAttempt } from './attempt.ts';
import { isObject, isPlainIdentifier, isPlainInstant, isText } from './values.ts';

const ATTRIBUTES: ReadonlySet<string> = new Set(['specversion', 'id', 'source', 'type', 'subject', 'time', 'datacontenttype', 'traceparent', 'causationid', 'data']);
const SLUG = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** An envelope without attributes of others, as it is. */
export function readPlainEnvelope(value: unknown): Envelope | undefined {
  if (!isObject(value) || value['specversion'] !== '1.0' || value['data'] === undefined || !isPlainInstant(value['time'])) return undefined;
  const { id, source, type, subject, datacontenttype, traceparent, causationid } = value;
  if (!isText(id, 1, 200) || !isText(source, 1, 200) || !isText(type, 1, 200)) return undefined;
  if (subject !== undefined && !isText(subject, 0, 400)) return undefined;
  if (datacontenttype !== undefined && datacontenttype !== 'application/json') return undefined;
  if (traceparent !== undefined && !isText(traceparent, 0, 200)) return undefined;
  if (causationid !== undefined && !isText(causationid, 0, 200)) return undefined;
  for (const name of Object.keys(value)) if (!ATTRIBUTES.has(name)) return undefined;
  return value as Envelope;
}

/** The schema counts code points, of which four code units hold at least two. */
const BODY_PLAIN_LENGTH = 4;

interface Origin {
  source: string;
  webhookId: string;
  organizationId: string;
}

function readOrigin({ source, webhookId, organizationId }: Readonly<Record<string, unknown>>): Origin | undefined {
  if (typeof source !== 'string' || !SLUG.test(source) || !isText(webhookId, 1, 64) || !isPlainIdentifier(organizationId)) return undefined;
  return { source, webhookId, organizationId };
}

export function readPlainResult(value: unknown): ResultData | undefined {
  if (!isObject(value) || !isPlainInstant(value['timestamp'])) return undefined;
  const origin = readOrigin(value);
  const attempt = origin && readPlainAttempt(value);
  return attempt && { ...origin, ...attempt, timestamp: value['timestamp'] };
}

export function readPlainVoid(value: unknown): VoidData | undefined {
  if (!isObject(value) || !isPlainInstant(value['timestamp']) || !isPlainIdentifier(value['attemptId'])) return undefined;
  const origin = readOrigin(value);
  return origin && { ...origin, attemptId: value['attemptId'], timestamp: value['timestamp'] };
}

export function readPlainSummary(value: unknown): SummaryUpdatedData | undefined {
  if (!isObject(value)) return undefined;
  const { organizationId, learnerId, revision, body } = value;
  if (!isPlainIdentifier(organizationId) || !isPlainIdentifier(learnerId) || !isText(body, BODY_PLAIN_LENGTH, Infinity)) return undefined;
  return typeof revision === 'number' && Number.isSafeInteger(revision) && revision > 0 ? { organizationId, learnerId, revision, body } : undefined;
}
