import { createHash } from 'node:crypto';
import { ingestResultCompleted, ingestResultRegraded, ingestResultVoided, PlatformWebhook, type ResultData, type VoidData } from '@schoolbell/contracts';
import type { ReceivedEvent } from '@schoolbell/messaging';
import { describeIssues, type ProblemError } from '@schoolbell/service-kit';
import { formatInstant, parseInstant, reportedInstantFault } from '@schoolbell/time';

/** Stands as the source of everything imported. */
const IMPORT_SOURCE = 'import';

const EVENT_TYPES = {
  'test.completed': ingestResultCompleted.type,
  'test.regraded': ingestResultRegraded.type,
  'test.voided': ingestResultVoided.type,
} as const;

export type ReadLine = { readonly ok: true; readonly event: ReceivedEvent } | { readonly ok: false; readonly errors: readonly ProblemError[] };

/**
 * One line of a history: a webhook as the platform would have sent it (`type`, `timestamp`, `data`), or the data of a
 * completed attempt alone, whose timestamp is then `completedAt`. `id` may say the webhook's own id; without it the id is
 * a hash of the line. Either way a line that is imported twice changes nothing, and a webhook that says something of the
 * attempt later replaces it.
 */
export function readLine(line: unknown, options: { organizationId: string | undefined; nowMs: number }): ReadLine {
  const wrapped = isObject(line) && !('type' in line) ? { type: 'test.completed', timestamp: line['completedAt'], data: line } : line;
  const parsed = PlatformWebhook.safeParse(wrapped);
  if (!parsed.success) return { ok: false, errors: describeIssues(parsed.error) };
  const { type, timestamp, data } = parsed.data;
  const organizationId = data.organizationId ?? options.organizationId;
  if (organizationId === undefined) {
    return refused('/data/organizationId', 'is missing: say it in the line, or for the whole file with --organization');
  }
  const errors = instantErrors(parsed.data, options.nowMs);
  if (errors.length > 0) return { ok: false, errors };
  const webhookId = ownId(line) ?? hashId(wrapped);
  if (webhookId === undefined) return refused('', 'is nested too deeply');
  const origin = { source: IMPORT_SOURCE, webhookId, organizationId, attemptId: data.attemptId, timestamp: formatInstant(parseInstant(timestamp)) };
  return { ok: true, event: { id: webhookId, type: EVENT_TYPES[type], time: origin.timestamp, data: { ...inUtc(data), ...origin } satisfies ResultData | VoidData } };
}

/** The same instants are refused that ingest refuses. */
function instantErrors({ timestamp, data }: PlatformWebhook, nowMs: number): ProblemError[] {
  const reported = [['/timestamp', timestamp], ['/data/completedAt', 'completedAt' in data ? data.completedAt : undefined], ['/data/startedAt', 'startedAt' in data ? data.startedAt : undefined]] as const;
  return reported.flatMap(([pointer, text]) => {
    const detail = text === undefined ? undefined : reportedInstantFault(parseInstant(text), nowMs);
    return detail === undefined ? [] : [{ pointer, detail }];
  });
}

const WEBHOOK_ID = /^[A-Za-z0-9_-]{1,64}$/;

function ownId(line: unknown): string | undefined {
  const id = isObject(line) ? line['id'] : undefined;
  return typeof id === 'string' && WEBHOOK_ID.test(id) ? id : undefined;
}

/** Undefined: members that nobody reads are nested deeper than JSON can be written, and the line has no text to hash. */
function hashId(line: unknown): string | undefined {
  try {
    return `import-${createHash('sha256').update(JSON.stringify(line)).digest('hex').slice(0, 48)}`;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

type Data = PlatformWebhook['data'];

function inUtc(data: Data): Data {
  if (!('completedAt' in data)) return data;
  const { startedAt } = data;
  return {
    ...data,
    completedAt: formatInstant(parseInstant(data.completedAt)),
    ...(startedAt !== undefined && { startedAt: formatInstant(parseInstant(startedAt)) }),
  };
}

const refused = (pointer: string, detail: string): ReadLine => ({ ok: false, errors: [{ pointer, detail }] });

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
