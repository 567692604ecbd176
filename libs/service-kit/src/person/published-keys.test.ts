import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type JWK } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseInstant } from '@schoolbell/time';
import { createPersonVerifier, signPersonToken, type PersonVerifierOptions } from './token.ts';

const NOW = parseInstant('2026-03-02T09:00:00Z');
const SECRET = 'a-shared-secret-of-the-tests-only-0123456789';
const SOON = NOW / 1000 + 60;
const ANNA = { id: 'anna', role: 'student' as const };

/** An issuer with an address of keys, as in production. */
let issuer: Server;
let jwksUrl: string;
let published: JWK[] = [];
let status = 200;
let asked = 0;
beforeAll(async () => {
  issuer = createServer((_request, response) => {
    asked += 1;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: published }));
  }).listen(0, '127.0.0.1');
  await once(issuer, 'listening');
  jwksUrl = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/keys`;
});
afterAll(async () => {
  issuer.close();
  issuer.closeAllConnections();
  await once(issuer, 'close');
});

async function newKey(kid: string, alg: 'RS256' | 'ES256' | 'EdDSA' = 'ES256') {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, publicKey, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}
type Key = Awaited<ReturnType<typeof newKey>>;
const sign = ({ kid, alg, privateKey }: Key, claims: Record<string, unknown> = {}): Promise<string> =>
  new SignJWT({ role: 'student', sub: 'anna', exp: SOON, ...claims }).setProtectedHeader({ alg, kid }).sign(privateKey);

const verifier = (more: Partial<PersonVerifierOptions> = {}) => createPersonVerifier({ jwksUrl, now: () => NOW, keysCooldownMs: 0, ...more });
const invalid = { code: 'token-invalid' };
const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

describe("tokens signed with the issuer's published keys", () => {
  let key: Key;
  beforeEach(async () => {
    key = await newKey('one');
    published = [key.jwk];
    status = 200;
    asked = 0;
  });

  it.each(['RS256', 'ES256', 'EdDSA'] as const)('are taken with %s', async (alg) => {
    const other = await newKey('other', alg);
    published = [key.jwk, other.jwk];
    expect(await verifier()(await sign(other))).toEqual(ANNA);
  });
  it('keys are fetched once, and again for a key that is not known: a rotation needs no restart', async () => {
    const verify = verifier();
    await verify(await sign(key));
    await verify(await sign(key));
    expect(asked).toBe(1);
    const next = await newKey('two');
    published = [key.jwk, next.jwk];
    expect(await verify(await sign(next))).toEqual(ANNA);
    expect(asked).toBe(2);
    await expect(verify(await sign(await newKey('three')))).rejects.toMatchObject(invalid);
  });
  it('strangers do not make it ask for ever', async () => {
    const verify = verifier({ keysCooldownMs: 60_000 });
    await verify(await sign(key));
    for (const kid of ['x', 'y', 'z']) await expect(verify(await sign(await newKey(kid)))).rejects.toMatchObject(invalid);
    expect(asked).toBe(1);
  });
  it('another key under a known name proves nothing', async () => {
    await expect(verifier()(await sign(await newKey('one')))).rejects.toMatchObject(invalid);
  });
  it('the public key is no shared secret, and the shared secret no key', async () => {
    const rsa = await newKey('rsa', 'RS256');
    published = [rsa.jwk];
    for (const secret of [await exportSPKI(rsa.publicKey), JSON.stringify(rsa.jwk), SECRET]) {
      const confused = await new SignJWT({ role: 'admin', sub: 'root', exp: SOON }).setProtectedHeader({ alg: 'HS256', kid: 'rsa' })
        .sign(new TextEncoder().encode(secret));
      await expect(verifier({ secret: SECRET })(confused)).rejects.toMatchObject(invalid);
    }
  });
  it('"none", a changed payload and rubbish are refused', async () => {
    const claims = { sub: 'root', role: 'admin', exp: SOON };
    const [header, , signature] = (await sign(key)).split('.');
    for (const token of [
      `${encode({ alg: 'none' })}.${encode(claims)}.`, `${encode({ alg: 'None', kid: 'one' })}.${encode(claims)}.${signature}`,
      `${header}.${encode(claims)}.${signature}`, `${header}.${encode(claims)}.`, 'a.b.c', '', 'Bearer',
    ]) await expect(verifier()(token)).rejects.toMatchObject(invalid);
  });
  it('expire by the clock of the service, to the second, and not before they are valid', async () => {
    const token = await sign(key);
    const at = (ms: number) => verifier({ now: () => ms });
    expect(await at(SOON * 1000 - 1)(token)).toEqual(ANNA);
    await expect(at(SOON * 1000)(token)).rejects.toMatchObject(invalid);
    await expect(verifier()(await sign(key, { nbf: SOON }))).rejects.toMatchObject(invalid);
    await expect(verifier()(await sign(key, { exp: undefined }))).rejects.toMatchObject(invalid);
  });
  it('issuer and audience count when they are configured', async () => {
    const verify = verifier({ issuer: 'https://id.example', audience: 'scheduling' });
    expect(await verify(await sign(key, { iss: 'https://id.example', aud: ['other', 'scheduling'] }))).toEqual(ANNA);
    await expect(verify(await sign(key, { iss: 'https://id.example', aud: 'other' }))).rejects.toMatchObject(invalid);
    await expect(verify(await sign(key, { iss: 'https://evil.example', aud: 'scheduling' }))).rejects.toMatchObject(invalid);
    await expect(verify(await sign(key))).rejects.toMatchObject(invalid);
  });
  it('name a subject and a role that there is', async () => {
    for (const claims of [{ role: 'root' }, { role: ['admin'] }, { role: undefined }, { sub: '' }, { sub: undefined }, { sub: 7 }]) {
      await expect(verifier()(await sign(key, claims))).rejects.toMatchObject(invalid);
    }
  });
  it('an issuer that fails is left alone for a while, and asked again then', async () => {
    let at = NOW;
    const verify = verifier({ keysCooldownMs: 10_000, now: () => at });
    const token = await sign(key);
    status = 500;
    for (let n = 0; n < 3; n += 1) await expect(verify(token)).rejects.toMatchObject({ code: 'keys-unavailable' });
    expect(asked).toBe(1);
    at += 9_999;
    await expect(verify(token)).rejects.toMatchObject({ code: 'keys-unavailable' });
    expect(asked).toBe(1);
    at += 1;
    status = 200;
    expect(await verify(token)).toEqual(ANNA);
    expect(asked).toBe(2);
  });
  it('keys that cannot be had are no fault of the token', async () => {
    status = 500;
    await expect(verifier()(await sign(key))).rejects.toMatchObject({ code: 'keys-unavailable' });
    await expect(verifier({ jwksUrl: 'http://127.0.0.1:9/keys' })(await sign(key))).rejects.toMatchObject({ code: 'keys-unavailable' });
  });
});

describe('tokens signed with the shared secret', () => {
  it('are taken while no address of keys is configured', async () => {
    const token = await signPersonToken(ANNA, SECRET, NOW, 60);
    expect(await createPersonVerifier({ secret: SECRET, now: () => NOW })(token)).toEqual(ANNA);
    await expect(createPersonVerifier({ secret: `${SECRET}!`, now: () => NOW })(token)).rejects.toMatchObject(invalid);
    await expect(verifier({ secret: SECRET })(token)).rejects.toMatchObject(invalid);
    await expect(createPersonVerifier({ now: () => NOW })(token)).rejects.toMatchObject(invalid);
  });
});
