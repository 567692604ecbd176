import type { SigningKey } from './secret.ts';
import { digest, isTimestamp, isWebhookId } from './wire.ts';

/** A message about to be sent. `timestampSeconds` is the time of this attempt, a whole number of seconds. */
export interface OutgoingMessage {
  readonly id: string;
  readonly timestampSeconds: number;
  /** Exactly the bytes that will be sent; text is taken as UTF-8. */
  readonly body: Uint8Array | string;
}

/** The message cannot be signed as it is: a mistake of the caller. */
export class MessageFormatError extends Error {
  readonly code = 'webhook-message-format';

  constructor(message: string) {
    super(message);
    this.name = 'MessageFormatError';
  }
}

/**
 * The value of `webhook-signature`: one `v1` signature per key, in the order given, so that a receiver can rotate.
 * @throws {MessageFormatError} when the id, the timestamp or the list of keys cannot be signed
 */
export function sign(keys: readonly SigningKey[], message: OutgoingMessage): string {
  const timestamp = String(message.timestampSeconds);
  if (!isWebhookId(message.id)) throw new MessageFormatError('webhook-id: 1 to 64 of A-Z a-z 0-9 _ -');
  if (!isTimestamp(timestamp)) throw new MessageFormatError('webhook-timestamp: whole seconds since the epoch');
  if (keys.length === 0) throw new MessageFormatError('at least one key is needed to sign');
  return keys.map((key) => `v1,${digest(key, message.id, timestamp, message.body).toString('base64')}`).join(' ');
}
