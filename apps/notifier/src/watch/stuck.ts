import type { Lag } from '@schoolbell/messaging';
import { createPeriodic, type Log, type Periodic } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';

const LOOK_EVERY_MS = 10_000;

/** How far a consumer is, and since when it has not moved although something waits. */
interface Track {
  readonly done: number;
  readonly sinceMs: number;
}

/** Looks whether consumers get on. What they have in front of them may be much; that nothing of it is done is trouble. */
export function createStuckWatch(deps: { lags: () => Promise<readonly Lag[]>; clock: Clock; log: Log; everyMs?: number }): Periodic & {
  since(): { readonly durable: string; readonly sinceMs: number } | undefined;
} {
  const { clock } = deps;
  let tracks = new Map<string, Track>();
  const job = createPeriodic({
    name: 'stuck-watch',
    everyMs: deps.everyMs ?? LOOK_EVERY_MS,
    log: deps.log,
    run: async () => {
      tracks = follow(tracks, await deps.lags(), clock.now());
    },
  });
  return {
    ...job,
    since() {
      const [oldest] = [...tracks].sort(([, a], [, b]) => a.sinceMs - b.sinceMs);
      return oldest && { durable: oldest[0], sinceMs: oldest[1].sinceMs };
    },
  };
}

/** Consumers with something in front of them that have confirmed nothing since. What is not known now is left as it was. */
export function follow(before: ReadonlyMap<string, Track>, lags: readonly Lag[], nowMs: number): Map<string, Track> {
  const after = new Map<string, Track>();
  for (const { name, waiting, confirmed } of lags) {
    const known = before.get(name);
    if (waiting === undefined || confirmed === undefined) {
      if (known !== undefined) after.set(name, known);
    } else if (waiting > 0) after.set(name, known?.done === confirmed ? known : { done: confirmed, sinceMs: nowMs });
  }
  return after;
}
