import { describe, expect, it } from 'vitest';
import { createCipher, QuarantineKeyError, UndecryptableError } from './cipher.ts';

const keyText = (fill: number) => Buffer.alloc(32, fill).toString('base64');
const body = Buffer.from('{"name":"A Person"}');

describe('quarantine cipher', () => {
  const cipher = createCipher(keyText(1));

  it('gives the bytes back, and shows nothing of them', () => {
    const stored = cipher.encrypt(body, 'row 1');
    expect(stored.includes('Person')).toBe(false);
    expect(cipher.decrypt(stored, 'row 1')).toEqual(body);
    expect(cipher.decrypt(cipher.encrypt(Buffer.alloc(0), 'row 1'), 'row 1')).toHaveLength(0);
  });

  it('never writes the same bytes twice', () => {
    expect(cipher.encrypt(body, 'row 1')).not.toEqual(cipher.encrypt(body, 'row 1'));
  });

  it('opens only with its key, in its row, unchanged', () => {
    const stored = cipher.encrypt(body, 'row 1');
    expect(() => createCipher(keyText(2)).decrypt(stored, 'row 1')).toThrow(UndecryptableError);
    expect(() => cipher.decrypt(stored, 'row 2')).toThrow(UndecryptableError);
    const changed = Buffer.from(stored);
    changed[changed.length - 1]! ^= 1;
    expect(() => cipher.decrypt(changed, 'row 1')).toThrow(UndecryptableError);
    expect(() => cipher.decrypt(stored.subarray(0, 20), 'row 1')).toThrow(UndecryptableError);
  });

  it('names keys without telling them', () => {
    expect(cipher.keyId).toMatch(/^[0-9a-f]{16}$/);
    expect(createCipher(keyText(2)).keyId).not.toBe(cipher.keyId);
  });

  it.each(['', 'short', Buffer.alloc(31).toString('base64'), Buffer.alloc(32).toString('hex'), `${keyText(1)}\n`])('refuses the key %j', (text) => {
    expect(() => createCipher(text)).toThrow(QuarantineKeyError);
  });
});
