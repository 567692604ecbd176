import { createHmac, timingSafeEqual } from 'node:crypto';

/** Length of a key that signs links, before base64. */
export const LINK_KEY_BYTES = 32;

/** Signs and checks what links carry. The first key signs, every key is taken. */
export interface LinkKeys {
  sign(parts: readonly string[]): string;
  /** In constant time for a signature of the right length. */
  verify(parts: readonly string[], given: string): boolean;
}

export function createLinkKeys(keys: () => readonly Buffer[]): LinkKeys {
  const signature = (key: Buffer, parts: readonly string[]): string =>
    // As JSON, so that no two lists of parts are written alike.
    createHmac('sha256', key).update(JSON.stringify(parts)).digest('base64url');
  return {
    sign(parts) {
      const [key] = keys();
      if (key === undefined) throw new Error('there is no key for links');
      return signature(key, parts);
    },
    verify(parts, given) {
      // As text: several texts stand for the same bytes, and only the one that was signed is taken.
      const text = Buffer.from(given);
      // Every key is tried, so that the time does not tell which one is in use.
      return keys().map((key) => Buffer.from(signature(key, parts))).filter((own) => own.length === text.length && timingSafeEqual(own, text)).length > 0;
    },
  };
}

/** A key as the configuration has it. @throws {Error} that says what it must be, never what it is. */
export function parseLinkKey(text: string): Buffer {
  const key = Buffer.from(text, 'base64');
  if (key.length !== LINK_KEY_BYTES) throw new Error(`a key for links is ${LINK_KEY_BYTES} bytes in base64, this one has ${key.length}`);
  return key;
}
