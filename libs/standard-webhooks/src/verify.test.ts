import { createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSecret, sign, verify, type ReceivedMessage } from './index.ts';

const secretBytes = Buffer.alloc(32, 1);
const secret = (fill: number) => parseSecret(`whsec_${Buffer.alloc(32, fill).toString('base64')}`);
const key = secret(1);
const SECONDS = 1_764_000_000;
const NOW_MS = SECONDS * 1000;
const body = Buffer.from('{"type":"test.completed"}');
const message = { id: 'evt_1', timestampSeconds: SECONDS, body };

const received = (change: Partial<ReceivedMessage> = {}): ReceivedMessage => ({
  id: 'evt_1',
  timestamp: String(SECONDS),
  signature: sign([key], message),
  body,
  ...change,
});
/** Signs whatever it is given, as a lax sender would. */
const signAnything = (id: string, timestamp: string, bytes: Uint8Array) =>
  `v1,${createHmac('sha256', secretBytes).update(`${id}.${timestamp}.`).update(bytes).digest('base64')}`;

describe('what the JavaScript reference library gets wrong', () => {
  it('refuses a body that differs only in invalid UTF-8', () => {
    const signed = Buffer.from([0x22, 0xff, 0x22]);
    const tampered = Buffer.from([0x22, 0xfe, 0x22]);
    expect(signed.toString()).toBe(tampered.toString());
    const signature = sign([key], { ...message, body: signed });
    expect(verify([key], received({ signature, body: signed }), NOW_MS)).toBe('verified');
    expect(verify([key], received({ signature, body: tampered }), NOW_MS)).toBe('no-matching-signature');
    expect(verify([key], received({ signature, body: Buffer.from('"\ufffd"') }), NOW_MS)).toBe('no-matching-signature');
  });

  it('refuses an id with a dot, which could borrow from the timestamp', () => {
    const id = `evt.${SECONDS}`;
    const signature = signAnything(id, String(SECONDS), body);
    expect(verify([key], received({ id, signature }), NOW_MS)).toBe('malformed-id');
  });

  it.each(['junk', ' ', '.5', 'e0', '\n'])('refuses a timestamp followed by %j', (tail) => {
    expect(verify([key], received({ timestamp: `${SECONDS}${tail}` }), NOW_MS)).toBe('malformed-timestamp');
    const signature = signAnything('evt_1', `${SECONDS}${tail}`, body);
    expect(verify([key], received({ timestamp: `${SECONDS}${tail}`, signature }), NOW_MS)).toBe('malformed-timestamp');
  });

  it.each([',junk', 'junk', ' junk', '=', ' ', '  v2,AAAA', '\t', ' v1,', ' v1,AAAA'])(
    'refuses a right signature followed by %j',
    (tail) => {
      const signature = sign([key], message) + tail;
      expect(verify([key], received({ signature }), NOW_MS)).toBe('malformed-signature');
    },
  );

  it('refuses a signature that decodes to the right bytes but is spelled otherwise', () => {
    const right = sign([key], message);
    const last = right.at(-2)!;
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const other = right.slice(0, -2) + alphabet[alphabet.indexOf(last) + 1] + '=';
    expect(Buffer.from(other.slice(3), 'base64')).toEqual(Buffer.from(right.slice(3), 'base64'));
    expect(verify([key], received({ signature: other }), NOW_MS)).toBe('malformed-signature');
  });
});

describe('verify', () => {
  it.each(['id', 'timestamp', 'signature'] as const)('misses %s', (name) => {
    expect(verify([key], received({ [name]: undefined }), NOW_MS)).toBe('missing-header');
    expect(verify([key], received({ [name]: '' }), NOW_MS)).toBe('missing-header');
  });

  it.each(['a b', 'ä', 'a'.repeat(65), 'a/b', 'a\n'])('refuses the id %j', (id) => {
    expect(verify([key], received({ id }), NOW_MS)).toBe('malformed-id');
  });

  it.each(['+1764000000', '-1764000000', '01764000000', '1764000000000', '0x69249d00', '١٧٦٤٠٠٠٠٠٠'])(
    'refuses the timestamp %s',
    (timestamp) => {
      expect(verify([key], received({ timestamp }), NOW_MS)).toBe('malformed-timestamp');
    },
  );

  it('takes any of several secrets, in a header signed with any of several', () => {
    const both = sign([secret(2), key], message);
    expect(both.split(' ')).toHaveLength(2);
    expect(verify([secret(3), key], received({ signature: both }), NOW_MS)).toBe('verified');
    expect(verify([secret(3), secret(4)], received({ signature: both }), NOW_MS)).toBe('no-matching-signature');
    expect(verify([], received({ signature: both }), NOW_MS)).toBe('no-matching-signature');
  });

  it('does not work through more than 16 signatures', () => {
    const one = sign([key], message);
    expect(verify([key], received({ signature: Array(16).fill(one).join(' ') }), NOW_MS)).toBe('verified');
    expect(verify([key], received({ signature: Array(17).fill(one).join(' ') }), NOW_MS)).toBe('malformed-signature');
  });

  it('verifies what sign signed, and nothing that differs by one byte', () => {
    const seed = randomBytes(4).readInt32LE();
    fc.assert(
      fc.property(
        fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
        fc.uint8Array({ minLength: 1, maxLength: 300 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (id, bytes, at, flip) => {
          const signature = sign([key], { id, timestampSeconds: SECONDS, body: bytes });
          expect(verify([key], received({ id, signature, body: bytes }), NOW_MS)).toBe('verified');
          const tampered = Uint8Array.from(bytes);
          tampered[at % bytes.length]! ^= flip;
          expect(verify([key], received({ id, signature, body: tampered }), NOW_MS)).toBe('no-matching-signature');
        },
      ),
      { seed },
    );
  });

  it('never throws, whatever the headers are', () => {
    const seed = randomBytes(4).readInt32LE();
    const header = fc.oneof(fc.constant(undefined), fc.string({ unit: 'binary', maxLength: 200 }));
    fc.assert(
      fc.property(header, header, header, fc.uint8Array(), (id, timestamp, signature, bytes) => {
        expect(verify([key], { id, timestamp, signature, body: bytes }, NOW_MS)).not.toBe('verified');
      }),
      { seed },
    );
  });
});
