import { describe, expect, it } from 'vitest';
import { MessageFormatError, parseSecret, sign } from './index.ts';

const key = parseSecret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
const message = { id: 'evt_1', timestampSeconds: 1_764_000_000, body: '{}' };

describe('sign', () => {
  it('takes text as UTF-8', () => {
    const text = '{"name":"Zoë"}';
    expect(sign([key], { ...message, body: text })).toBe(sign([key], { ...message, body: Buffer.from(text) }));
  });

  it.each([
    ['an id with a dot', { id: 'evt.1' }],
    ['an empty id', { id: '' }],
    ['a fraction of a second', { timestampSeconds: 1_764_000_000.5 }],
    ['milliseconds', { timestampSeconds: 1_764_000_000_000 }],
    ['no time', { timestampSeconds: Number.NaN }],
  ])('refuses %s', (_, change) => {
    expect(() => sign([key], { ...message, ...change })).toThrow(MessageFormatError);
  });

  it('refuses to send unsigned', () => {
    expect(() => sign([], message)).toThrow(MessageFormatError);
  });
});
