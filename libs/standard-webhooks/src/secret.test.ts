import { describe, expect, it } from 'vitest';
import { parseSecret, SecretFormatError } from './index.ts';

const secretOf = (bytes: number) => `whsec_${Buffer.alloc(bytes, 7).toString('base64')}`;

describe('parseSecret', () => {
  it.each([24, 25, 26, 32, 64])('takes %i bytes', (bytes) => {
    expect(parseSecret(secretOf(bytes)).key.symmetricKeySize).toBe(bytes);
  });

  it.each([
    ['nothing', ''],
    ['only the prefix', 'whsec_'],
    ['no prefix', 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
    ['a public key', 'whpk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
    ['23 bytes', secretOf(23)],
    ['65 bytes', secretOf(65)],
    ['the URL alphabet', `whsec_${Buffer.alloc(24, 0xff).toString('base64url')}`],
    ['a space inside', 'whsec_MfKQ9r8GKYqr TwjUPD8ILPZIo2LaLaSw'],
    ['a line break at the end', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n'],
    ['missing padding', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwBr'],
    ['stray bits before the padding', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwBr=='],
  ])('refuses %s', (_, text) => {
    expect(() => parseSecret(text)).toThrow(SecretFormatError);
  });

  it('never repeats the secret in its message', () => {
    const text = secretOf(23);
    const refusal = (() => {
      try {
        return parseSecret(text);
      } catch (error) {
        return String(error);
      }
    })();
    expect(refusal).not.toContain(text.slice(6));
  });
});
