import type { Announcer } from '../destination/announce.ts';
import type { Database, Tx } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';
import { resumed } from '../destination/react.ts';
import type { DestinationState } from '../destination/state.ts';
import { lockDestinations, saveDestination } from '../destination/store.ts';

/** What an operator does to a destination. */
export interface Control {
  /** Undefined: there is no such row. */
  pause(id: string, reason: string): Promise<DestinationState | undefined>;
  resume(id: string, reason: string): Promise<DestinationState | undefined>;
}

export function createControl({ db, announcer, clock }: { db: Database; announcer: Announcer; clock: Clock }): Control {
  async function change(tx: Tx, id: string, reason: string, to: (before: DestinationState, now: number) => DestinationState) {
    const [before] = await lockDestinations(tx, [id]);
    if (before === undefined) return undefined;
    const now = clock.now();
    const after = to(before, now);
    await saveDestination(tx, after, reason, now);
    // Resuming an active destination makes everything due, and is no change of state.
    if (after.state !== before.state) await announcer.changed(tx, after, [{ kind: 'state', state: after.state, reason }]);
    return after;
  }
  return {
    pause: (id, reason) => db.transaction((tx) => change(tx, id, reason, (before) => ({ ...before, state: 'paused' }))),
    resume: (id, reason) => db.transaction((tx) => change(tx, id, reason, resumed)),
  };
}
