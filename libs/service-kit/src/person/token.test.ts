import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { createPersonVerifier, PersonTokenError, signPersonToken } from './token.ts';

const SECRET = 'a-shared-secret-of-this-test-0123456789';
const NOW = 1_700_000_000_000;
const verify = createPersonVerifier({ secret: SECRET, now: () => NOW });
const anna = { id: 'anna', role: 'student' } as const;

const forged = (claims: object, { secret = SECRET, alg = 'HS256' } = {}): Promise<string> =>
  new SignJWT({ ...claims }).setProtectedHeader({ alg }).setExpirationTime(NOW / 1000 + 60).sign(new TextEncoder().encode(secret));

describe('a person’s token', () => {
  it('names the person and the role, until it expires', async () => {
    expect(await verify(await signPersonToken(anna, SECRET, NOW, 60))).toEqual(anna);
    await expect(verify(await signPersonToken(anna, SECRET, NOW - 61_000, 60))).rejects.toThrow(PersonTokenError);
  });
  it('proves nothing with another secret, another algorithm, no subject or an unknown role', async () => {
    const tokens = [
      await forged({ sub: 'anna', role: 'student' }, { secret: 'another-shared-secret-of-this-test-012345' }),
      await forged({ sub: 'anna', role: 'student' }, { alg: 'HS512', secret: SECRET.repeat(2) }),
      await forged({ role: 'student' }), await forged({ sub: '', role: 'student' }),
      await forged({ sub: 'anna@example.org', role: 'student' }), await forged({ sub: 'an\0na', role: 'student' }), await forged({ sub: 'anna', role: 'root' }), 'x.y.z',
      `${btoa('{"alg":"none"}')}.${btoa('{"sub":"anna","role":"student","exp":9999999999}')}.`.replaceAll('=', ''),
    ];
    for (const token of tokens) await expect(verify(token), token).rejects.toThrow(PersonTokenError);
  });
  it('is not taken while no key is configured, and with published keys the shared secret is not', async () => {
    const token = await signPersonToken(anna, SECRET, NOW, 60);
    await expect(createPersonVerifier({ now: () => NOW })(token)).rejects.toThrow('no key is configured');
    await expect(createPersonVerifier({ secret: SECRET, jwksUrl: 'http://127.0.0.1:9/keys', now: () => NOW })(token)).rejects.toThrow();
  });
  it('must name issuer and audience where they are configured', async () => {
    const strict = createPersonVerifier({ secret: SECRET, issuer: 'platform', audience: 'schoolbell', now: () => NOW });
    await expect(strict(await signPersonToken(anna, SECRET, NOW, 60))).rejects.toThrow(PersonTokenError);
    expect(await strict(await forged({ sub: 'anna', role: 'student', iss: 'platform', aud: 'schoolbell' }))).toEqual(anna);
  });
});
