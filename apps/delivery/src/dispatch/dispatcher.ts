import { createPeriodic, type Database, type Log, type Metrics } from '@schoolbell/service-kit';
import { waitMs, type Random } from '@schoolbell/time';
import type { DatabaseClock } from '../clock/database-clock.ts';
import { createDetectors } from '../circuit/detector.ts';
import type { Announcer } from '../destination/announce.ts';
import type { Destination } from '../destination/compile.ts';
import { createResolver } from '../http-client/connector.ts';
import { createSender, type Sender } from '../http-client/sender.ts';
import { findDue, readDatabaseTime } from '../wanted/due.ts';
import type { Job } from '../wanted/job.ts';
import { recoverLost, recoverUnclaimed } from '../wanted/recover.ts';
import type { Attempted } from './delivery.ts';
import { createLine, type Line } from './line.ts';
import { createTurns } from './turn.ts';

/** How often this process looks for what others left: due rows of other replicas, leases that ran out. */
export const POLL_EVERY_MS = 1_000;

/** How often the whole table is read for leases that no claim knows of; there should be none. */
const UNCLAIMED_EVERY_MS = 900_000;

/** What is in flight may take this long to end at a stop: the process has 20 s, and a deadline may be 60 s. */
export const STOP_MAX_MS = 12_000;

/** The lines of all configured destinations, and the clockwork that wakes them. */
export interface Dispatcher {
  configure(destinations: ReadonlyMap<string, Destination>): void;
  line(destinationId: string): Line | undefined;
  /** Send what a committed transaction has claimed. */
  take(jobs: readonly Job[]): void;
  sender(destinationId: string): Sender | undefined;
  start(): void;
  /**
   * What is in flight ends; nothing more is claimed. A request that takes too long is cut off with the process: its
   * lease runs out and it is sent again, as after a crash.
   */
  stop(): Promise<void>;
}

export interface DispatcherDeps {
  readonly db: Database;
  readonly announcer: Announcer;
  readonly clock: DatabaseClock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly onAttempt: (attempted: Attempted) => void;
  readonly pollEveryMs?: number;
  readonly stopMaxMs?: number;
}

interface Post {
  readonly line: Line;
  readonly sender: Sender;
}

export function createDispatcher(deps: DispatcherDeps): Dispatcher {
  const { db, clock, log, pollEveryMs = POLL_EVERY_MS, stopMaxMs = STOP_MAX_MS } = deps;
  const turns = createTurns(deps);
  const detectors = createDetectors();
  const resolve = createResolver();
  let posts = new Map<string, Post>();
  const retiring = new Set<Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let timerAt = Infinity;
  let stopped = false;

  const open = (destination: Destination): Post => {
    const sender = createSender({ ...destination, resolve });
    return { sender, line: createLine({ ...deps, destination, sender, turns, detectors }) };
  };

  function retire({ line }: Post): void {
    const done = line.close().catch((err: unknown) => log.error({ err, destination: line.destination.id }, 'a line did not end well'));
    retiring.add(done);
    void done.finally(() => retiring.delete(done));
  }

  /** Between two polls one timer wakes whoever is due next. */
  function lookAt(at: number): void {
    if (stopped || at >= timerAt) return;
    clearTimeout(timer);
    timerAt = at;
    timer = setTimeout(() => {
      timerAt = Infinity;
      poll().catch((err: unknown) => log.warn({ err }, 'looking for due work failed, it is repeated'));
    }, Math.max(0, Math.ceil(at - clock.now())));
  }

  async function poll(): Promise<void> {
    const due = await findDue(db, [...posts.keys()]);
    const now = clock.now();
    for (const { id, dueAt, notBefore, mustRelease, open: isOpen } of due) {
      // While the circuit is open a probe takes whatever waits longest, also before its own time.
      const at = Math.max(mustRelease || isOpen ? 0 : dueAt, notBefore ?? 0);
      if (at <= now) posts.get(id)?.line.wake();
      else if (at < now + pollEveryMs) lookAt(at);
    }
  }

  const sweep = createPeriodic({
    name: 'delivery-sweep',
    everyMs: pollEveryMs,
    log,
    run: async () => {
      const askedMs = performance.now();
      clock.observe(await readDatabaseTime(db), askedMs, performance.now());
      const lost = await recoverLost(db, clock.now());
      if (lost.length > 0) log.warn({ rows: lost.length }, 'leases ran out, their rows are due again');
      await poll();
    },
  });

  const unclaimed = createPeriodic({
    name: 'delivery-unclaimed',
    everyMs: UNCLAIMED_EVERY_MS,
    log,
    run: async () => {
      const rows = await recoverUnclaimed(db, clock.now());
      if (rows.length > 0) log.error({ rows: rows.length }, 'leases without a claim ran out, their rows are due again');
    },
  });

  return {
    configure(destinations) {
      const before = posts;
      posts = new Map([...destinations].map(([id, destination]) => [id, open(destination)]));
      for (const post of before.values()) retire(post);
    },
    line: (id) => posts.get(id)?.line,
    sender: (id) => posts.get(id)?.sender,
    take(jobs) {
      for (const job of jobs) {
        const line = posts.get(job.destinationId)?.line;
        // A reload may have come since the claim: what is about one organization is not for the server of another.
        if (line?.destination.organizationId === job.organizationId) line.take([job]);
      }
    },
    start() {
      sweep.start();
      unclaimed.start();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await Promise.all([sweep.stop(), unclaimed.stop()]);
      for (const post of posts.values()) retire(post);
      const inTime = new AbortController();
      await Promise.race([Promise.all(retiring), waitMs(stopMaxMs, inTime.signal)]);
      inTime.abort();
      const cutOff = [...posts.values()].map(({ line }) => line).filter((line) => line.inFlight() > 0);
      if (cutOff.length > 0) {
        const destinations = cutOff.map(({ destination }) => destination.id);
        log.warn({ destinations }, 'requests did not end in time, they are sent again when their leases have run out');
      }
      detectors.close();
    },
  };
}
