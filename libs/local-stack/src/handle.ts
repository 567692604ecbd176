import type { ManagedProcess } from './process/managed-process.ts';

/** A server of our own: for use, and as a victim in chaos tests. Address and data stay the same over `restart`. */
export interface ServerHandle extends Pick<ManagedProcess, 'kill' | 'restart' | 'stop' | 'onUnexpectedEnd'> {
  readonly url: string;
  readonly port: number;
  /** Undefined while it does not run. */
  readonly pid: number | undefined;
  /** Where it keeps what it stores. */
  readonly dataDirectory: string;
}
