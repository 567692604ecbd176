import { isWebhookId } from '@schoolbell/standard-webhooks';
import { describe, expect, it } from 'vitest';
import { webhookId, type MessageIdentity } from './webhook-id.ts';

const base: MessageIdentity = { destinationId: 'acme-lms', kind: 'summary', key: 'u-1', revision: 7, transformVersion: '', replayId: null };

describe('webhookId', () => {
  it('is stable, and valid in Standard Webhooks', () => {
    expect(webhookId({ ...base })).toBe(webhookId({ ...base }));
    expect(isWebhookId(webhookId(base))).toBe(true);
    expect(webhookId(base)).toBe('msg_8I3OTqJw0GZ3KIDWOwxyD2N8pDvUuxUUYrI6rxWYiHQ');
  });
  it('differs by each of its parts, and by where one ends', () => {
    const others: Partial<MessageIdentity>[] = [
      { destinationId: 'acme-lmsx' },
      { kind: 'rating' },
      { key: 'u-2' },
      { revision: 8 },
      { transformVersion: 'a' },
      { replayId: '0190f3a2-0000-7000-8000-000000000000' },
      { key: 'u-1",7' },
    ];
    expect(new Set([base, ...others.map((change) => ({ ...base, ...change }))].map(webhookId)).size).toBe(others.length + 1);
  });
});
