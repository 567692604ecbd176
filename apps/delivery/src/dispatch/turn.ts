import { randomUUID } from 'node:crypto';
import type { Database, Tx } from '@schoolbell/service-kit';
import type { Clock, Random } from '@schoolbell/time';
import { allowance, type Allowance } from '../destination/allowance.ts';
import type { Announcer } from '../destination/announce.ts';
import type { Destination } from '../destination/compile.ts';
import { probing, react, type Change } from '../destination/react.ts';
import type { DestinationState } from '../destination/state.ts';
import { countLive, lockDestinations, saveDestination } from '../destination/store.ts';
import { claim } from '../wanted/claim.ts';
import { releaseWaiting } from '../wanted/due.ts';
import type { Job } from '../wanted/job.ts';
import { markAllSent, markRows } from '../wanted/mark.ts';
import { flagParked } from '../watch/store.ts';
import { summarize, type Ended, type Trip } from './report.ts';

/** A lease outlasts the deadline of its request by this: what it takes to begin, and to write down the end. */
export const LEASE_MARGIN_MS = 5_000;

/** What one turn came to. */
export interface TurnResult {
  /** Undefined when the row is not ours: never made, removed by hand, or of another organization. */
  readonly state: DestinationState | undefined;
  readonly allowance: Allowance | undefined;
  readonly jobs: readonly Job[];
}

/** One transaction over one destination: write down what ended, react to it, take what may be sent next. */
export interface Turns {
  /** Marks alone, without the destination's lock: for successes while all is well. True when something is due again. */
  mark(destination: Destination, ended: readonly Ended[]): Promise<boolean>;
  full(destination: Destination, ended: readonly Ended[], trip: Trip | null, take: boolean): Promise<TurnResult>;
}

export function createTurns(deps: { db: Database; announcer: Announcer; clock: Clock; random: Random }): Turns {
  const { db, announcer, clock, random } = deps;

  async function full(tx: Tx, destination: Destination, ended: readonly Ended[], trip: Trip | null, take: boolean): Promise<TurnResult> {
    const now = clock.now();
    const { id } = destination;
    // Sent together, and carried out in this order.
    const [[before], parked, live] = await Promise.all([lockDestinations(tx, [id]), markRows(tx, id, ended, now), countLive(tx, [id], now)]);
    // Whoever has not reloaded, or has before the others, must not send what is about one organization to the other.
    if (before?.organizationId !== destination.organizationId) return { state: undefined, allowance: undefined, jobs: [] };

    const { state: reacted, changes } = react(before, summarize(ended, trip, before.generation), destination, now, random);
    let state = reacted;
    if (state.releaseBefore !== null && state.state === 'active' && (await releaseWaiting(tx, id, now))) {
      state = { ...state, releaseBefore: null };
    }
    const allowed = take ? allowance(state, destination, live(id), now) : undefined;
    let jobs: readonly Job[] = [];
    if (allowed?.kind === 'requests' || allowed?.kind === 'probe') {
      const probe = allowed.kind === 'probe';
      const token = randomUUID();
      const leaseUntil = now + destination.timeoutMs + LEASE_MARGIN_MS;
      jobs = await claim(tx, { state, count: probe ? 1 : allowed.count, tokens: allowed.tokens, token, leaseUntil, probe, now });
      if (probe && jobs.length > 0) state = probing(state, token, leaseUntil, now);
    }
    if (state !== before) await saveDestination(tx, state, reasonOf(changes), now);
    await announcer.changed(tx, state, changes);
    if (parked.length > 0) await flagParked(tx, id, true);
    await announcer.parked(tx, state, parked);
    return { state, allowance: allowed, jobs };
  }

  return {
    mark: ({ id }, ended) => markAllSent(db, id, ended, clock.now()),
    full: (destination, ended, trip, take) => db.transaction((tx) => full(tx, destination, ended, trip, take)),
  };
}

function reasonOf(changes: readonly Change[]): string {
  return changes.find(({ kind }) => kind === 'state')?.reason ?? '';
}
