import { hash } from 'node:crypto';

/** What makes a message the same message to its receiver. */
export interface MessageIdentity {
  readonly destinationId: string;
  readonly kind: string;
  readonly key: string;
  readonly revision: number;
  /** Of the destination's transform, or '' without one. */
  readonly transformVersion: string;
  /** Set by a manual replay, so that the receiver does not take it for what it has seen. */
  readonly replayId: string | null;
}

/**
 * The `webhook-id`: equal for all automatic retries of a revision, and with it the bytes of the body are equal. 47
 * characters of the alphabet that Standard Webhooks recommends.
 */
export function webhookId({ destinationId, kind, key, revision, transformVersion, replayId }: MessageIdentity): string {
  // JSON keeps the parts apart, whatever characters they have.
  return `msg_${hash('sha256', JSON.stringify([destinationId, kind, key, revision, transformVersion, replayId]), 'base64url')}`;
}
