import { parseSecret, sign } from '@schoolbell/standard-webhooks';
import { systemClock, type Clock } from '@schoolbell/time';
import { TEST_WEBHOOK_SECRET } from './test-configuration.ts';

export interface WebhookOptions {
  readonly id: string;
  /** Sent as it is; anything but text or bytes is written as JSON. */
  readonly body: unknown;
  readonly secret?: string;
  readonly clock?: Clock;
}

/** A signed webhook, ready for fetch or undici. */
export function signedWebhook({ id, body, secret = TEST_WEBHOOK_SECRET, clock = systemClock }: WebhookOptions): {
  method: 'POST';
  headers: Record<string, string>;
  body: string | Uint8Array;
} {
  const bytes = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
  const timestampSeconds = Math.floor(clock.now() / 1000);
  return {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(timestampSeconds),
      'webhook-signature': sign([parseSecret(secret)], { id, timestampSeconds, body: bytes }),
    },
    body: bytes,
  };
}
