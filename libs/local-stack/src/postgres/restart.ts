import { waitMs } from '@schoolbell/time';
import { LocalStackError } from '../errors.ts';
import type { ManagedProcess } from '../process/managed-process.ts';

const TRIES = 40;
const BETWEEN_TRIES_MS = 50;

/** A killed server's children notice within milliseconds, and until the last is gone a new server refuses the data. */
export async function restart(server: ManagedProcess): Promise<void> {
  await server.stop();
  for (let tries = 1; ; tries += 1) {
    try {
      return await server.start();
    } catch (error) {
      if (tries === TRIES || !(error instanceof LocalStackError) || error.code !== 'process-ended') throw error;
      await waitMs(BETWEEN_TRIES_MS);
    }
  }
}
