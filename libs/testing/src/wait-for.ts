import { waitMs } from '@schoolbell/time';

const POLL_MS = 10;
/** Long enough for a machine that does much else: what tests bound is the order of things, not their duration. */
const TIMEOUT_MS = 40_000;

/** What was waited for did not come in time; `cause` is the last error of the probe, if it threw. */
export class WaitTimeoutError extends Error {
  readonly code = 'wait-timeout';
  constructor(what: string, timeoutMs: number, options?: ErrorOptions) {
    super(`waited ${timeoutMs} ms in vain for: ${what}`, options);
  }
}

type Truthy<T> = Exclude<T, undefined | null | false>;

/**
 * Ask again and again until the answer is not undefined, null or false; a probe that throws is asked again too.
 * @throws {WaitTimeoutError} that names what was waited for.
 */
export async function waitFor<T>(
  what: string,
  probe: () => T | Promise<T>,
  { timeoutMs = TIMEOUT_MS }: { timeoutMs?: number } = {},
): Promise<Truthy<T>> {
  const until = performance.now() + timeoutMs;
  let lastError: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined && value !== null && value !== false) return value as Truthy<T>;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (performance.now() > until) throw new WaitTimeoutError(what, timeoutMs, { cause: lastError });
    await waitMs(POLL_MS);
  }
}
