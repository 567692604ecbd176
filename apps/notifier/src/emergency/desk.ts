import { classifyDatabaseError, type Database, type Log } from '@schoolbell/service-kit';
import { waitMs, type Clock } from '@schoolbell/time';
import type { Arrival, ProblemLedger } from '../problems/ledger.ts';
import { levelProblems } from '../problems/store.ts';
import type { Sender } from '../telegram/sender.ts';
import { handOver } from './hand-over.ts';
import { LANE_PROBLEMS_MAX, type Lane } from './lane.ts';
import type { Spool } from './spool.ts';

/** An alert about the database cannot wait for the database. */
const STORE_DEADLINE_MS = 1_500;
const HAND_OVER_DEADLINE_MS = 5_000;
const TICK_EVERY_MS = 1_000;
const LEARN_EVERY_MS = 5_000;
/** Alerts taken in at once, and those that may wait for it; beyond that they are dropped: each comes again. */
const BATCH_MAX = 256;
const INBOX_MAX = 2_000;

/**
 * Takes in the alerts that must be told even when the database is away. With the database they go the way of all
 * others; without it they are decided on in memory, told first, kept in a spool file and stored later.
 */
export interface Desk {
  start(): Promise<void>;
  /** Never fails and never waits. */
  take(arrivals: readonly Arrival[]): void;
  /** True while alerts are told past the database. */
  emergency(): boolean;
  stop(): Promise<void>;
}

export function createDesk(deps: {
  db: Database;
  ledger: ProblemLedger;
  lane: Lane;
  laneSender: Pick<Sender, 'wake' | 'idle'>;
  queueSender: Pick<Sender, 'wake'>;
  spool: Spool;
  /** True while the database is known not to answer. */
  troubled: () => boolean;
  /** True when a level that nobody repeats is over: we would have heard. */
  levelsExpire: () => boolean;
  /** The lane must not be sent from while it is handed over. */
  holdLane: (held: boolean) => void;
  clock: Clock;
  log: Log;
}): Desk {
  const { db, ledger, lane, spool, clock, log } = deps;
  const stopping = new AbortController();
  const inbox: Arrival[] = [];
  let rouse = new AbortController();
  let tickDueMs = 0;
  let learnDueMs = 0;
  let running: Promise<void> | undefined;

  /**
   * One transaction with a deadline. What has not come to its COMMIT by then never will. A COMMIT that hangs and succeeds
   * after all looks like a failure here, so it is told twice: better than not at all.
   */
  async function within<T>(deadlineMs: number, work: Parameters<typeof db.transaction<T>>[0]): Promise<T> {
    let late = false;
    const deadline = new AbortController();
    const transaction = db.transaction(async (tx) => {
      const result = await work(tx);
      if (late) throw new StoreTimeout(deadlineMs);
      return result;
    });
    transaction.catch(() => undefined);
    try {
      return await Promise.race([
        transaction,
        waitMs(deadlineMs, deadline.signal).then(() => {
          late = true;
          throw new StoreTimeout(deadlineMs);
        }),
      ]);
    } finally {
      deadline.abort();
    }
  }

  async function admit(arrivals: readonly Arrival[]): Promise<void> {
    if (!lane.active() && !deps.troubled()) {
      try {
        const { notices } = await within(STORE_DEADLINE_MS, (tx) => ledger.take(tx, arrivals, clock.now()));
        if (notices.length > 0) deps.queueSender.wake();
        return;
      } catch (error) {
        log.error({ err: error, failure: classifyDatabaseError(error) }, 'alerts cannot be stored, telling them first');
      }
    }
    lane.take(arrivals, clock.now());
    spoken();
  }

  function spoken(): void {
    if (!lane.active()) return;
    spool.save(() => lane.snapshot());
    deps.laneSender.wake();
  }

  async function comeBack(): Promise<void> {
    deps.holdLane(true);
    try {
      await deps.laneSender.idle();
      await within(HAND_OVER_DEADLINE_MS, (tx) => handOver(tx, lane.snapshot(), clock.now()));
      lane.clear();
      await spool.clear();
      learnDueMs = 0;
      log.info('the database has everything that was told without it');
      deps.queueSender.wake();
    } catch (error) {
      log.warn({ err: error }, 'what was told without the database cannot be stored yet');
      spoken();
    } finally {
      deps.holdLane(false);
    }
  }

  async function tick(): Promise<void> {
    const nowMs = clock.now();
    if (nowMs < tickDueMs) return;
    tickDueMs = nowMs + TICK_EVERY_MS;
    if (lane.active()) {
      lane.tick(nowMs, deps.levelsExpire());
      return spoken();
    }
    if (deps.troubled()) return;
    try {
      const { notices, more } = await within(STORE_DEADLINE_MS, (tx) => ledger.tick(tx, { nowMs, levelsExpire: deps.levelsExpire() }));
      if (more) tickDueMs = 0;
      if (notices > 0) deps.queueSender.wake();
      if (nowMs < learnDueMs) return;
      learnDueMs = nowMs + LEARN_EVERY_MS;
      lane.learn(await within(STORE_DEADLINE_MS, (tx) => levelProblems(tx, LANE_PROBLEMS_MAX)));
    } catch (error) {
      log.warn({ err: error }, 'the problems could not be looked through');
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      rouse = new AbortController();
      if (lane.active() && !deps.troubled()) await comeBack();
      const batch = inbox.splice(0, BATCH_MAX);
      if (batch.length > 0) await admit(batch);
      await tick();
      if (inbox.length === 0) await waitMs(TICK_EVERY_MS / 2, AbortSignal.any([stopping.signal, rouse.signal]));
    }
  }

  return {
    async start() {
      const left = await spool.load();
      if (left !== undefined) lane.restore(left);
      running ??= run();
    },
    take(arrivals) {
      const room = arrivals.slice(0, INBOX_MAX - inbox.length);
      if (room.length < arrivals.length) log.error({ dropped: arrivals.length - room.length }, 'too many direct alerts at once');
      inbox.push(...room);
      rouse.abort();
    },
    emergency: () => lane.active(),
    async stop() {
      stopping.abort();
      await running;
      if (inbox.length > 0) await admit(inbox.splice(0));
      await spool.flush();
    },
  };
}

class StoreTimeout extends Error {
  override readonly name = 'StoreTimeout';
  readonly code = 'store-timeout';

  constructor(deadlineMs: number) {
    super(`the database did not answer within ${deadlineMs} ms`);
  }
}
