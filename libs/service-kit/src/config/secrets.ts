import { readFileSync, statSync } from 'node:fs';
import type { SecretReference } from '@schoolbell/contracts';

const SECRET_LIMIT_BYTES = 64 * 1024;

export type SecretErrorCode = 'secret-missing' | 'secret-empty' | 'secret-unreadable';

/** A secret cannot be had. Names the reference, never the value. */
export class SecretError extends Error {
  readonly code: SecretErrorCode;
  constructor(code: SecretErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Where secrets come from. */
export interface SecretStore {
  /** The value, without white space at its ends. Files are read anew each time, so that a reload sees a rotation. */
  resolve(reference: SecretReference): string;
}

/** Secrets from environment variables and from files, as mounted by orchestrators. */
export function createSecretStore(env: Readonly<Record<string, string | undefined>>): SecretStore {
  return {
    resolve(reference) {
      const value = 'env' in reference ? fromVariable(env, reference.env) : fromFile(reference.file);
      if (value !== '') return value;
      const where = 'env' in reference ? `environment variable ${reference.env}` : `file ${reference.file}`;
      throw new SecretError('secret-empty', `${where} is empty: put the secret into it`);
    },
  };
}

function fromVariable(env: Readonly<Record<string, string | undefined>>, name: string): string {
  const value = env[name];
  if (value === undefined) throw new SecretError('secret-missing', `environment variable ${name} is not set`);
  return value.trim();
}

function fromFile(path: string): string {
  try {
    if (statSync(path).size > SECRET_LIMIT_BYTES) throw new RangeError(`it is larger than ${SECRET_LIMIT_BYTES} bytes`);
    return readFileSync(path, 'utf8').trim();
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? String((cause as Error).message);
    throw new SecretError('secret-unreadable', `file ${path} cannot be read: ${why}`, { cause });
  }
}
