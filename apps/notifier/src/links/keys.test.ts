import { expect, it } from 'vitest';
import { createLinkKeys, LINK_KEY_BYTES } from './keys.ts';

const key = (fill: string): Buffer => Buffer.alloc(LINK_KEY_BYTES, fill);
const signer = createLinkKeys(() => [key('new'), key('old')]);
const signature = signer.sign(['a', 'b']);

it('signs with the first key and takes every key', () => {
  expect(signature).toBe(createLinkKeys(() => [key('new')]).sign(['a', 'b']));
  expect(signer.verify(['a', 'b'], signature)).toBe(true);
  expect(signer.verify(['a', 'b'], createLinkKeys(() => [key('old')]).sign(['a', 'b']))).toBe(true);
  expect(signer.verify(['a', 'b'], createLinkKeys(() => [key('other')]).sign(['a', 'b']))).toBe(false);
});

it('takes nothing for other parts', () => {
  for (const parts of [['a'], ['ab'], ['b', 'a'], ['a', 'b', ''], ['a","b']]) expect(signer.verify(parts, signature)).toBe(false);
});

it('takes no other text for the same bytes', () => {
  const bytes = Buffer.from(signature, 'base64url').toString('hex');
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const twins = [...alphabet].map((last) => signature.slice(0, -1) + last).filter((text) => Buffer.from(text, 'base64url').toString('hex') === bytes);
  expect(twins.length).toBeGreaterThan(1);
  expect(twins.filter((text) => signer.verify(['a', 'b'], text))).toEqual([signature]);
  for (const text of ['', signature.slice(0, -1), `${signature}=`, `${signature}A`]) expect(signer.verify(['a', 'b'], text)).toBe(false);
});
