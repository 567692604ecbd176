import { hash } from 'node:crypto';
import { ingestResultVoided } from '@schoolbell/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { acceptBatch, type AcceptedWebhook } from '../src/webhooks/store.ts';
import { openParts, type Parts } from './database.ts';

let parts: Parts;
beforeAll(async () => {
  parts = await openParts();
});
afterAll(() => parts?.close());

function webhook(webhookId: string, content = 'body', change: Partial<AcceptedWebhook> = {}): AcceptedWebhook {
  const data = { source: 'platform', webhookId, organizationId: 'acme', attemptId: webhookId, timestamp: '2026-11-21T05:30:00.000Z' };
  return {
    source: 'platform',
    webhookId,
    bodySha256: hash('sha256', content, 'hex'),
    event: parts.outbox.encode({ definition: ingestResultVoided, data }),
    ...change,
  };
}
const accept = (...items: AcceptedWebhook[]) => acceptBatch(parts.db, items, parts.clock.now());
const told = async (prefix: string) =>
  (await parts.sql<{ id: string }>(`SELECT body::jsonb -> 'data' ->> 'webhookId' AS id FROM outbox ORDER BY 1`))
    .map(({ id }) => id)
    .filter((id) => id.startsWith(prefix));

describe('a batch', () => {
  it('stores each webhook and its event once', async () => {
    expect(await accept(webhook('a2'), webhook('a1'), webhook('a3'))).toEqual(['stored', 'stored', 'stored']);
    expect(await accept(webhook('a3'), webhook('a4'), webhook('a1', 'other'))).toEqual(['duplicate', 'stored', 'conflict']);
    expect(await told('a')).toEqual(['a1', 'a2', 'a3', 'a4']);
  });

  it('judges repeats inside itself', async () => {
    expect(await accept(webhook('b1'), webhook('b1'), webhook('b1', 'other'), webhook('b1'))).toEqual(['stored', 'duplicate', 'conflict', 'duplicate']);
    expect(await accept(webhook('b1', 'other'), webhook('b1'), webhook('b1', 'third'))).toEqual(['conflict', 'duplicate', 'conflict']);
    expect(await told('b')).toEqual(['b1']);
  });

  it('does not fail for one row that cannot be stored', async () => {
    const good = Array.from({ length: 40 }, (_, index) => webhook(`c${String(index).padStart(2, '0')}`));
    const bad = webhook('c20-bad', 'body', { event: { ...webhook('c20-bad').event, body: 'a \u0000 in it' } });
    const outcomes = await accept(...good.slice(0, 20), bad, ...good.slice(20));
    expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(40);
    expect(outcomes[20]).toBe('unstorable');
    expect(await told('c')).toHaveLength(40);
  });

  it('keeps its order among others at the same time', async () => {
    const ids = Array.from({ length: 200 }, (_, index) => `d${(index * 7919) % 200}`);
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => accept(...ids.map((id) => webhook(id)))));
    expect(outcomes.flat().filter((outcome) => outcome === 'stored')).toHaveLength(200);
    expect(outcomes.flat().filter((outcome) => outcome === 'duplicate')).toHaveLength(1000);
    expect(await told('d')).toHaveLength(200);
  });

  it('is nothing when the database is away', async () => {
    const other = await openParts();
    await other.close();
    await expect(acceptBatch(other.db, [webhook('e1')], 0)).rejects.toThrow();
  });
});
