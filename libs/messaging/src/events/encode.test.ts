import { ingestResultVoided } from '@schoolbell/contracts';
import { ManualClock } from '@schoolbell/time';
import { expect, it } from 'vitest';
import { createEncoder, EVENT_BYTES_MAX } from './encode.ts';

const encode = createEncoder({ service: 'ingest', clock: new ManualClock(0) });
const event = (attemptId: string) =>
  ({ definition: ingestResultVoided, data: { source: 'platform', webhookId: 'w', organizationId: 'acme', attemptId, timestamp: '2026-11-21T05:30:00.000Z' } });

it('refuses an event that the stream would never take, counted in bytes', () => {
  const rest = Buffer.byteLength(encode(event('')).body);
  const most = EVENT_BYTES_MAX - rest;
  expect(Buffer.byteLength(encode(event('a'.repeat(most))).body)).toBe(EVENT_BYTES_MAX);
  expect(() => encode(event('a'.repeat(most + 1)))).toThrow(/^an event .* has 1000001 bytes, and 1000000 can be told$/);
  expect(() => encode(event('é'.repeat(most / 2 + 1)))).toThrow('can be told');
});
