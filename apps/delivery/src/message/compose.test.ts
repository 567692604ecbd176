import { parseSecret, verify } from '@schoolbell/standard-webhooks';
import { compileTransform } from '@schoolbell/service-kit';
import { describe, expect, it } from 'vitest';
import type { Destination } from '../destination/compile.ts';
import { compose, type Composed, type Message } from './compose.ts';

const secret = (fill: number) => parseSecret(`whsec_${Buffer.alloc(32, fill).toString('base64')}`);
const destination = {
  id: 'acme-lms',
  keys: [secret(1), secret(2)],
  ownHeaders: ['x-api-key', 'k'],
  compiled: undefined,
} as unknown as Destination;
const message: Message = { kind: 'summary', key: 'u-1', revision: 7, replayId: null, body: '{"data":{"percent":85.50}}' };
const nowMs = 1_795_239_000_999;

function composed(result: Composed): Extract<Composed, { ok: true }> & { header(name: string): string } {
  if (!result.ok) throw new Error(result.detail);
  return { ...result, header: (name) => result.headers[result.headers.indexOf(name) + 1]! };
}

describe('compose', () => {
  it('sends the text as it is, signed by every secret, with the time of this attempt', () => {
    const { body, header, id } = composed(compose(destination, message, nowMs));
    expect(body.toString()).toBe('{"data":{"percent":85.50}}');
    expect(header('webhook-timestamp')).toBe('1795239000');
    expect(header('schoolbell-revision')).toBe('7');
    expect(header('x-api-key')).toBe('k');
    expect(header('content-type')).toBe('application/json');
    for (const key of destination.keys) {
      const verdict = verify([key], { id, timestamp: header('webhook-timestamp'), signature: header('webhook-signature'), body }, nowMs);
      expect(verdict).toBe('verified');
    }
  });

  it('keeps id and body over retries, and changes the id for a replay', () => {
    const first = composed(compose(destination, message, nowMs));
    const retry = composed(compose(destination, message, nowMs + 60_000));
    expect(retry.id).toBe(first.id);
    expect(retry.body.equals(first.body)).toBe(true);
    expect(retry.header('webhook-signature')).not.toBe(first.header('webhook-signature'));
    expect(composed(compose(destination, { ...message, replayId: 'r' }, nowMs)).id).not.toBe(first.id);
  });

  it('applies the transform, whose version is part of the id', () => {
    const shaped = { ...destination, compiled: compileTransform('{"p": data.percent}') };
    const { body, id } = composed(compose(shaped, message, nowMs));
    expect(body.toString()).toBe('{"p":85.5}');
    expect(id).not.toBe(composed(compose(destination, message, nowMs)).id);
  });

  it('reports a transform that fails or selects nothing', () => {
    const failing = { ...destination, compiled: compileTransform('$number(data)') };
    expect(compose(failing, message, nowMs)).toMatchObject({ ok: false, detail: expect.stringContaining('transform-failed') });
    const empty = { ...destination, compiled: compileTransform('missing') };
    expect(compose(empty, message, nowMs)).toMatchObject({ ok: false, detail: expect.stringContaining('transform-empty') });
  });
});
