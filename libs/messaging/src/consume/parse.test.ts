import { ingestResultVoided } from '@schoolbell/contracts';
import { describe, expect, it } from 'vitest';
import { createParser, createReader } from './parse.ts';

const parse = createParser([ingestResultVoided]);
const event = {
  specversion: '1.0',
  id: 'e-1',
  source: '/schoolbell/ingest',
  type: 'ingest.result.voided.v1',
  time: '2026-11-21T05:30:00.000Z',
  data: { source: 'platform', webhookId: 'w-1', organizationId: 'acme', attemptId: 'a-1', timestamp: '2026-11-21T05:30:00.000Z' },
};
const codeOf = (value: unknown): string | undefined => {
  const parsed = parse(typeof value === 'string' ? value : JSON.stringify(value));
  return parsed.ok ? undefined : parsed.unreadable.code;
};

describe('createParser', () => {
  it('reads an accepted event and drops fields it does not know', () => {
    const parsed = parse(JSON.stringify({ ...event, extension: 1, data: { ...event.data, extra: true } }));
    expect(parsed).toEqual({ ok: true, event: { id: 'e-1', type: event.type, time: event.time, data: event.data, traceparent: undefined } });
  });
  it.each([
    ['not-json', '{"specversion":'],
    ['not-an-event', { hello: 'world' }],
    ['unknown-type', { ...event, type: 'ingest.result.voided.v2' }],
    ['wrong-data', { ...event, data: { ...event.data, attemptId: '' } }],
  ])('tells %s apart', (code, value) => {
    expect(codeOf(value)).toBe(code);
  });
  it('keeps the id of what it cannot read, where there is one', () => {
    const parsed = parse(JSON.stringify({ ...event, type: 'other.v1' }));
    expect(parsed).toMatchObject({ ok: false, unreadable: { id: 'e-1', type: 'other.v1' } });
  });
});

describe('createReader', () => {
  const read = createReader([ingestResultVoided]);
  const message = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

  it('reads one event, or each of a batch, and keeps the bytes of each', () => {
    expect(read(message(event)).map(({ parsed }) => parsed.ok)).toEqual([true]);
    const batch = read(message([event, { hello: 'world' }, { ...event, id: 'e-2' }]));
    expect(batch.map(({ parsed }) => (parsed.ok ? parsed.event.id : parsed.unreadable.code))).toEqual(['e-1', 'not-an-event', 'e-2']);
    expect(batch.map(({ bytes }) => JSON.parse(text(bytes())))).toEqual([event, { hello: 'world' }, { ...event, id: 'e-2' }]);
  });
  it.each([
    ['an empty batch', message([]), 'not-an-event'],
    ['what is not JSON', new TextEncoder().encode('[{]'), 'not-json'],
    ['what is not UTF-8', new Uint8Array([0xff, 0x00]), 'not-json'],
  ])('tells %s apart, as a whole', (_, bytes, code) => {
    const [only, ...others] = read(bytes);
    expect(only!.parsed).toMatchObject({ ok: false, unreadable: { code } });
    expect([only!.bytes(), others]).toEqual([bytes, []]);
  });
});
