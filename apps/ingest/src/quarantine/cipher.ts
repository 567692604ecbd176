// Bodies that are not events may hold anything, names and addresses included: they are stored encrypted, and bound to
// their row, so that a body moved to another row does not open.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
export const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const KEY_ID_LENGTH = 16;

/** The configured key cannot be used. The message never contains it. */
export class QuarantineKeyError extends Error {
  readonly code = 'quarantine-key';
  override readonly name = 'QuarantineKeyError';
}

/** The body was encrypted with another key, or changed since. */
export class UndecryptableError extends Error {
  readonly code = 'undecryptable';
  override readonly name = 'UndecryptableError';
}

export interface Cipher {
  /** Says which key was used without saying anything of the key. */
  readonly keyId: string;
  encrypt(body: Uint8Array, boundTo: string): Buffer;
  /** @throws {UndecryptableError} */
  decrypt(stored: Uint8Array, boundTo: string): Buffer;
}

/** `keyText` is 32 bytes in base64. @throws {QuarantineKeyError} */
export function createCipher(keyText: string): Cipher {
  const key = Buffer.from(keyText, 'base64');
  if (key.length !== KEY_BYTES || key.toString('base64') !== keyText) {
    throw new QuarantineKeyError(`must be ${KEY_BYTES} bytes in base64; make one with: openssl rand -base64 ${KEY_BYTES}`);
  }
  return {
    keyId: createHash('sha256').update('schoolbell quarantine key').update(key).digest('hex').slice(0, KEY_ID_LENGTH),
    encrypt(body, boundTo) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(boundTo));
      const encrypted = Buffer.concat([cipher.update(body), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), encrypted]);
    },
    decrypt(stored, boundTo) {
      const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
      try {
        const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
        decipher.setAAD(Buffer.from(boundTo)).setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
        return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
      } catch (cause) {
        throw new UndecryptableError('a quarantined body cannot be decrypted with the configured key', { cause });
      }
    },
  };
}
