import { waitFor } from '../wait-for.ts';

/** Shorter than the server's `deadlock_timeout`, so that it is never the service that is told to begin again. */
const LOCK_WAIT_MS = 200;

/** Sends SQL without parameters. */
type Ask = (sql: string) => Promise<unknown>;

/**
 * Empties tables under a running service. TRUNCATE locks them one by one, in an order that a transaction of the service need
 * not share: it gives way and tries again, instead of meeting the other in a deadlock.
 */
export async function emptyTables(ask: Ask, tables: string): Promise<void> {
  await waitFor(`${tables} are empty`, async () => {
    await ask(`SET LOCAL lock_timeout = '${LOCK_WAIT_MS}ms'; TRUNCATE ${tables}`);
    return true;
  });
}
