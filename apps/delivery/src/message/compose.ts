import { HEADER_ID, HEADER_SIGNATURE, HEADER_TIMESTAMP, sign } from '@schoolbell/standard-webhooks';
import { TransformError, type TransformErrorCode } from '@schoolbell/service-kit';
import type { Destination } from '../destination/compile.ts';
import { printable } from '../http-client/printable.ts';
import { webhookId } from './webhook-id.ts';

const USER_AGENT = 'Schoolbell/0.1';
const DETAIL_MAX_LENGTH = 300;

/** What is sent about one key at one destination. */
export interface Message {
  readonly kind: 'summary' | 'rating';
  readonly key: string;
  readonly revision: number;
  readonly replayId: string | null;
  /** The exact text that results wrote. */
  readonly body: string;
}

export type Composed =
  | { readonly ok: true; readonly id: string; readonly body: Buffer; readonly headers: readonly string[] }
  | { readonly ok: false; readonly id: string; readonly code: TransformErrorCode | 'transform-empty'; readonly detail: string };

/**
 * A message as this destination gets it: its transform applied, signed with all of its secrets over the bytes that are
 * sent. The timestamp is that of this attempt; id and body are equal for every attempt.
 */
export function compose(destination: Destination, message: Message, nowMs: number, extraHeaders: readonly string[] = []): Composed {
  const { compiled, keys, ownHeaders } = destination;
  const { kind, key, revision, replayId } = message;
  const id = webhookId({ destinationId: destination.id, kind, key, revision, transformVersion: compiled?.version ?? '', replayId });
  let text: string | undefined = message.body;
  if (compiled !== undefined) {
    try {
      text = compiled.applyText(message.body);
    } catch (error) {
      if (!(error instanceof TransformError)) throw error;
      return { ok: false, id, code: error.code, detail: printable(`${error.code}: ${error.message}`, DETAIL_MAX_LENGTH) };
    }
    if (text === undefined) return { ok: false, id, code: 'transform-empty', detail: 'transform-empty: the transform selects nothing from this message' };
  }
  const body = Buffer.from(text, 'utf8');
  const timestampSeconds = Math.floor(nowMs / 1_000);
  const headers = [
    'content-type',
    'application/json',
    'user-agent',
    USER_AGENT,
    HEADER_ID,
    id,
    HEADER_TIMESTAMP,
    String(timestampSeconds),
    HEADER_SIGNATURE,
    sign(keys, { id, timestampSeconds, body }),
    'schoolbell-revision',
    String(revision),
    ...ownHeaders,
    ...extraHeaders,
  ];
  return { ok: true, id, body, headers };
}
