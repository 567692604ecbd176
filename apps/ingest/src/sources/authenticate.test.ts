import { createHmac } from 'node:crypto';
import { parseSecret, sign } from '@schoolbell/standard-webhooks';
import { describe, expect, it } from 'vitest';
import { createAuthentication } from './authenticate.ts';

const body = Buffer.from('{"a":"\u00e4"}');
const NOW_MS = 1_764_000_000_000;
const refs = [{ env: 'UNUSED' }] as const;

describe('standard-webhooks', () => {
  const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
  const old = `whsec_${Buffer.alloc(32, 2).toString('base64')}`;
  const { authenticate } = createAuthentication({ scheme: 'standard-webhooks', secrets: refs }, [secret, old]);
  const headers = (signer: string) => ({
    'webhook-id': 'evt_1',
    'webhook-timestamp': String(NOW_MS / 1000),
    'webhook-signature': sign([parseSecret(signer)], { id: 'evt_1', timestampSeconds: NOW_MS / 1000, body }),
  });

  it('takes every active secret', () => {
    expect(authenticate(headers(secret), body, NOW_MS)).toBe('verified');
    expect(authenticate(headers(old), body, NOW_MS)).toBe('verified');
  });

  it('says why it refuses', () => {
    expect(authenticate({}, body, NOW_MS)).toBe('missing-header');
    expect(authenticate(headers(secret), Buffer.from('{}'), NOW_MS)).toBe('no-matching-signature');
    expect(authenticate(headers(secret), body, NOW_MS + 301_000)).toBe('timestamp-too-old');
  });

  it('refuses a secret that is too short before any request', () => {
    expect(() => createAuthentication({ scheme: 'standard-webhooks', secrets: refs }, ['whsec_AAAA'])).toThrow('24 to 64 bytes');
  });
});

describe('hmac', () => {
  const secrets = ['first-secret-of-all', 'second-secret-of-all'];
  const digest = (secret: string, algorithm: string, encoding: 'hex' | 'base64') =>
    createHmac(algorithm, secret).update(body).digest(encoding);

  it.each([
    ['sha256', 'hex', ''],
    ['sha256', 'base64', ''],
    ['sha512', 'hex', 'sha512='],
    ['sha512', 'base64', 'v0:'],
  ] as const)('%s in %s after %j', (algorithm, encoding, prefix) => {
    const { authenticate } = createAuthentication(
      { scheme: 'hmac', header: 'X-Signature', algorithm, encoding, prefix, secrets: refs },
      secrets,
    );
    for (const secret of secrets) {
      const value = prefix + digest(secret, algorithm, encoding);
      expect(authenticate({ 'x-signature': value }, body, 0)).toBe('verified');
      expect(authenticate({ 'x-signature': value }, Buffer.from('{"a":"ä "}'), 0)).toBe('no-matching-signature');
      expect(authenticate({ 'x-signature': `${value}!` }, body, 0)).toBe('malformed-signature');
      expect(authenticate({ 'x-signature': `${value} ${value}` }, body, 0)).toBe('malformed-signature');
      expect(authenticate({ 'x-signature': value.slice(0, prefix.length + 8) }, body, 0)).toBe('no-matching-signature');
    }
    expect(authenticate({}, body, 0)).toBe('missing-header');
    expect(authenticate({ 'x-signature': '' }, body, 0)).toBe('missing-header');
  });

  it('takes hexadecimal of either case, and needs its prefix', () => {
    const { authenticate } = createAuthentication(
      { scheme: 'hmac', header: 'x-signature', algorithm: 'sha256', encoding: 'hex', prefix: 'sha256=', secrets: refs },
      secrets,
    );
    const hex = digest(secrets[0]!, 'sha256', 'hex');
    expect(authenticate({ 'x-signature': `sha256=${hex.toUpperCase()}` }, body, 0)).toBe('verified');
    expect(authenticate({ 'x-signature': hex }, body, 0)).toBe('malformed-signature');
  });

  it('refuses a secret that is too short, without repeating it', () => {
    const make = () =>
      createAuthentication({ scheme: 'hmac', header: 'x', algorithm: 'sha256', encoding: 'hex', prefix: '', secrets: refs }, ['hunter2']);
    expect(make).toThrow('at least 12 characters');
    expect(make).not.toThrow('hunter2');
  });
});

describe('bearer', () => {
  const { authenticate, challenge } = createAuthentication({ scheme: 'bearer', secrets: refs }, ['token-number-one', 'token-number-two', 'p@ss:word!{"of"}a=person?']);

  it.each([
    ['Bearer token-number-one', 'verified'],
    ['Bearer p@ss:word!{"of"}a=person?', 'verified'],
    ['bearer  token-number-two', 'verified'],
    ['Bearer token-number-thr', 'wrong-credentials'],
    ['Bearer token-number-one extra', 'malformed-credentials'],
    ['Basic dG9rZW46', 'malformed-credentials'],
    ['token-number-one', 'malformed-credentials'],
    ['', 'missing-header'],
    [undefined, 'missing-header'],
  ])('%j is %s', (authorization, verdict) => {
    expect(authenticate({ authorization }, body, 0)).toBe(verdict);
  });

  it('challenges', () => {
    expect(challenge).toBe('Bearer');
  });

  it.each(['with a space inside', 'passwörd-of-a-person'])('refuses the secret %j, which no header can carry, without repeating it', (secret) => {
    const make = () => createAuthentication({ scheme: 'bearer', secrets: refs }, [secret]);
    expect(make).toThrow('visible ASCII');
    expect(make).not.toThrow(secret);
  });
});

describe('basic', () => {
  const { authenticate } = createAuthentication({ scheme: 'basic', username: 'platform', secrets: refs }, ['pass:word-ü-long', 'new-password-2']);
  const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

  it('takes the user with every active password', () => {
    expect(authenticate(basic('platform:pass:word-ü-long'), body, 0)).toBe('verified');
    expect(authenticate(basic('platform:new-password-2'), body, 0)).toBe('verified');
  });

  it.each(['platform:other', 'Platform:new-password-2', 'platform', ''])('refuses %j', (text) => {
    expect(authenticate(basic(text), body, 0)).not.toBe('verified');
  });
});
