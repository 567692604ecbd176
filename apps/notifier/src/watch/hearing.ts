import type { Nats } from '@schoolbell/messaging';
import type { Clock } from '@schoolbell/time';

/**
 * Since when this process would have heard a direct alert. While NATS is away, silence says nothing about the trouble
 * that was reported before.
 */
export function createHearing(deps: { nats: Nats; clock: Clock }): { since(): number | undefined; stop(): void } {
  const { nats, clock } = deps;
  let sinceMs = clock.now();
  const unlisten = nats.onConnect(() => {
    sinceMs = clock.now();
  });
  return { since: () => (nats.connected() ? sinceMs : undefined), stop: unlisten };
}
