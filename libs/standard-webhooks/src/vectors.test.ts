// The vectors of https://github.com/standard-webhooks/standard-webhooks: the tests of its Go, JavaScript, Python and
// C# libraries share the first, its Rust library has the second. Signatures that must not verify come from there too.
import { describe, expect, it } from 'vitest';
import { parseSecret, sign, verify } from './index.ts';

const VECTORS = [
  {
    library: 'javascript',
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    timestampSeconds: 1614265330,
    body: '{"test": 2432232314}',
    signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  },
  {
    library: 'rust',
    secret: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD',
    id: 'msg_27UH4WbU6Z5A5EzD8u03UvzRbpk',
    timestampSeconds: 1649367553,
    body: '{"email":"test@example.com","username":"test_user"}',
    signature: 'v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=',
  },
] as const;

const FOREIGN = [
  'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA=',
  'v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=',
  'v1,R3PTzyfHASBKHH98a7yexTwaJ4yNIcGhFQc1yuN+BPU=',
  'v2,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=',
  'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==',
];

describe.each(VECTORS)('the vector of the $library library', (vector) => {
  const keys = [parseSecret(vector.secret)];
  const nowMs = vector.timestampSeconds * 1000;
  const received = (signature: string) => ({
    id: vector.id,
    timestamp: String(vector.timestampSeconds),
    signature,
    body: Buffer.from(vector.body),
  });

  it('is what we sign', () => {
    expect(sign(keys, vector)).toBe(vector.signature);
    expect(sign(keys, { ...vector, body: Buffer.from(vector.body) })).toBe(vector.signature);
  });

  it('verifies, alone and among other signatures', () => {
    expect(verify(keys, received(vector.signature), nowMs)).toBe('verified');
    expect(verify(keys, received([...FOREIGN, vector.signature, ...FOREIGN].join(' ')), nowMs)).toBe('verified');
  });

  it.each(FOREIGN)('does not verify with %s', (signature) => {
    expect(verify(keys, received(signature), nowMs)).toBe('no-matching-signature');
  });

  it('does not verify with signatures of others only', () => {
    expect(verify(keys, received(FOREIGN.join(' ')), nowMs)).toBe('no-matching-signature');
  });

  it.each(['v1,', vector.signature.slice(0, 8), vector.signature.slice(0, -1)])('does not verify with %s', (partial) => {
    expect(verify(keys, received(partial), nowMs)).toBe('malformed-signature');
  });

  it.each([
    [-300, 'verified'],
    [300, 'verified'],
    [301, 'timestamp-too-old'],
    [-301, 'timestamp-too-new'],
  ] as const)('%i seconds later it is %s', (seconds, verdict) => {
    expect(verify(keys, received(vector.signature), nowMs + seconds * 1000)).toBe(verdict);
  });
});
