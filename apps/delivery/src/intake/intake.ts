import { randomUUID } from 'node:crypto';
import type { Apply } from '@schoolbell/messaging';
import type { Clock } from '@schoolbell/time';
import type { DeliveryConfiguration } from '../destination/compile.ts';
import type { DestinationState } from '../destination/state.ts';
import { lockDestinations } from '../destination/store.ts';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import { LEASE_MARGIN_MS } from '../dispatch/turn.ts';
import type { Job } from '../wanted/job.ts';
import { upsertWanted, type Candidate, type LeasedKey } from '../wanted/upsert.ts';
import { group, type Wish } from './group.ts';

/**
 * Takes in what results tells: writes down what is wanted, and claims at once what its destinations allow, in the same
 * transaction. That saves the latency path a commit and a look-up; whatever is not claimed here waits for its turn.
 */
export function createIntake(deps: {
  /** The one that the dispatcher's lines were made of. */
  configuration: () => Pick<DeliveryConfiguration, 'wanting'>;
  dispatcher: Pick<Dispatcher, 'line' | 'take'>;
  clock: Clock;
  /** Resolves when every configured destination has its row. */
  registered: () => Promise<void>;
}): Apply {
  const { configuration, dispatcher, clock } = deps;

  /** The destinations where nothing older waits. The others are not even locked. */
  function candidates(ids: ReadonlySet<string>, now: number): Candidate[] {
    const lines = [...ids].map((id) => dispatcher.line(id)).filter((line) => line?.mayJump() === true);
    return lines.map((line) => {
      const { id, timeoutMs } = line!.destination;
      return { id, limits: line!.destination, leaseUntil: now + timeoutMs + LEASE_MARGIN_MS };
    });
  }

  return async (tx, events) => {
    const wishes = group(events, configuration().wanting);
    if (wishes.length === 0) return [];
    const ids = new Set(wishes.map(({ destinationId }) => destinationId));
    await deps.registered();
    const now = clock.now();
    const open = candidates(ids, now);
    const token = randomUUID();
    // Sent together, and carried out in this order: the second sees what the first waited for.
    const [states, leased] = await Promise.all([
      open.length === 0 ? [] : lockDestinations(tx, open.map(({ id }) => id)),
      upsertWanted(tx, wishes, token, open, now),
    ]);
    tx.afterCommit(() => {
      dispatcher.take(toJobs(leased, wishes, { token, states, candidates: open }));
      if (leased.length === wishes.length) return;
      const sent = new Set(leased.map(identify));
      const waiting = new Set(wishes.filter((wish) => !sent.has(identify(wish))).map(({ destinationId }) => destinationId));
      for (const id of waiting) dispatcher.line(id)?.nudge();
    });
    return [];
  };
}

const identify = ({ destinationId, kind, key }: LeasedKey): string => `${destinationId}\n${kind}\n${key}`;

function toJobs(
  leased: readonly LeasedKey[],
  wishes: readonly Wish[],
  { token, states, candidates }: { token: string; states: readonly DestinationState[]; candidates: readonly Candidate[] },
): Job[] {
  if (leased.length === 0) return [];
  const byKey = new Map(wishes.map((wish) => [identify(wish), wish]));
  const generations = new Map(states.map(({ id, generation }) => [id, generation]));
  const leases = new Map(candidates.map(({ id, leaseUntil }) => [id, leaseUntil]));
  return leased.map((row) => {
    const wish = byKey.get(identify(row))!;
    const [leaseUntil, generation] = [leases.get(wish.destinationId)!, generations.get(wish.destinationId)!];
    // A newer revision begins with a fresh budget and belongs to no replay.
    return { ...wish, replayId: null, attempts: 0, waitedMs: 0, probe: false, token, leaseUntil, generation };
  });
}
