import { createSecretKey, type KeyObject } from 'node:crypto';
import { KEY_BYTES_MAX, KEY_BYTES_MIN } from './wire.ts';

const PREFIX = 'whsec_';

/** A decoded secret. Decode once and keep it: a prepared key makes the HMAC about six times as fast as raw bytes. */
export interface SigningKey {
  readonly key: KeyObject;
}

/** The text is not a Standard Webhooks secret. The message says what is wrong and never contains the text. */
export class SecretFormatError extends Error {
  readonly code = 'webhook-secret-format';

  constructor(message: string) {
    super(message);
    this.name = 'SecretFormatError';
  }
}

/**
 * Decodes `whsec_` + base64 of 24 to 64 bytes. The base64 must be canonical (padding present, no other characters, no
 * stray bits), so that a secret which lost a character while it was copied is refused here and not at every request.
 * @throws {SecretFormatError}
 */
export function parseSecret(text: string): SigningKey {
  if (!text.startsWith(PREFIX)) throw new SecretFormatError(`a webhook secret begins with "${PREFIX}"`);
  const encoded = text.slice(PREFIX.length);
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.toString('base64') !== encoded) throw new SecretFormatError(`after "${PREFIX}" a webhook secret is base64`);
  if (bytes.length < KEY_BYTES_MIN || bytes.length > KEY_BYTES_MAX) {
    throw new SecretFormatError(
      `a webhook secret has ${KEY_BYTES_MIN} to ${KEY_BYTES_MAX} bytes, this one has ${bytes.length}`,
    );
  }
  return Object.freeze({ key: createSecretKey(bytes) });
}
