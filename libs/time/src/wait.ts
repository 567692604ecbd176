import { setTimeout as sleep } from 'node:timers/promises';

/** Wait, but not past an abort: resolves early, without an error, when the signal fires. */
export async function waitMs(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}
