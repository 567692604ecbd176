import { backoffMs, waitMs, type Clock, type Random } from '@schoolbell/time';
import type { Log } from '@schoolbell/service-kit';
import type { Detector, Detectors } from '../circuit/detector.ts';
import type { Destination } from '../destination/compile.ts';
import type { DestinationState } from '../destination/state.ts';
import type { Sender } from '../http-client/sender.ts';
import type { Job } from '../wanted/job.ts';
import { deliver, type Attempted } from './delivery.ts';
import { createPause } from './pause.ts';
import { isPlain, type Ended, type Trip } from './report.ts';
import type { TurnResult, Turns } from './turn.ts';

/** Marks of one transaction. */
const MARKS_MAX = 500;
/** Successes are gathered for so long while there is room: one commit for several, and nobody waits for it. */
const MARKS_GATHER_MS = 5;
/** Tokens are gathered for so long, where the rate is what limits: one claim for several of them. */
const TOKENS_GATHER_MS = 10;
const TIMER_MAX_MS = 3_600_000;
/** How often a line that closes looks whether its requests have ended. */
const ENDS_LOOK_EVERY_MS = 10;
const RETRY_BACKOFF = { baseMs: 100, maxMs: 5_000 };

/** This process's part in one destination: its requests in flight, and the turns that claim and mark. */
export interface Line {
  readonly destination: Destination;
  /** Something is due, or an operator changed the destination: look now. */
  wake(): void;
  /** Something was added: look, unless it is known that nothing may be taken, or that a look is coming anyway. */
  nudge(): void;
  /** Send what another transaction has claimed and committed. */
  take(jobs: readonly Job[]): void;
  /** Whether a transaction that adds work may claim some of it at once: not while older work waits. */
  mayJump(): boolean;
  inFlight(): number;
  /** Claims nothing more; resolves when everything in flight has ended and is written down, or cannot be. */
  close(): Promise<void>;
}

export interface LineDeps {
  readonly destination: Destination;
  readonly sender: Sender;
  readonly turns: Turns;
  readonly detectors: Detectors;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly onAttempt: (attempted: Attempted) => void;
}

export function createLine(deps: LineDeps): Line {
  const { destination, sender, turns, clock, random, log } = deps;
  const closing = new AbortController();
  let ended: Ended[] = [];
  let trip: Trip | null = null;
  let wantsClaim = false;
  /** More may be due than could be taken: every end of a request makes room for the next. */
  let backlog = false;
  /** Set while nothing may be claimed before a known time; marks go on meanwhile. */
  let pause: NodeJS.Timeout | undefined;
  let inFlight = 0;
  const gathering = createPause();
  let running: Promise<void> | undefined;
  /** As of the last turn of this process. */
  let seen: Pick<DestinationState, 'generation' | 'ramp' | 'throttles' | 'circuit'> | undefined;
  let detector: { readonly generation: number; readonly detector: Detector } | undefined;

  function observe(job: Job, outcome: Ended['outcome'], failure: string): void {
    // Probes belong to the row, and what began under another state says nothing about this one.
    if (job.probe || outcome.kind === 'not-sent' || seen?.circuit === 'open') return;
    if (detector?.generation !== job.generation) {
      if (detector !== undefined && detector.generation > job.generation) return;
      detector?.detector.close();
      const { generation } = job;
      const onTrip = (reason: string): void => {
        trip = { generation, reason };
        gathering.cut();
        run();
      };
      detector = { generation, detector: deps.detectors.create(destination.id, onTrip) };
    }
    detector.detector.record(outcome.kind === 'breaker-failure' ? failure : undefined);
  }

  function start(job: Job): void {
    inFlight += 1;
    const stillWanted = (): boolean => job.probe || (trip === null && (seen?.generation ?? 0) <= job.generation);
    deliver(job, { destination, sender, clock, random, stillWanted, log: deps.onAttempt })
      .then((end) => {
        observe(job, end.outcome, end.failure);
        ended.push(end);
        if (end.outcome.kind !== 'success') gathering.cut();
      })
      // A bug. The lease runs out and the row is tried again; the process stays up for the others.
      .catch((err: unknown) => log.error({ err, destination: destination.id, key: job.key }, 'a delivery failed unexpectedly'))
      .finally(() => {
        inFlight -= 1;
        if (backlog && pause === undefined) wantsClaim = true;
        if (crowded()) gathering.cut();
        run();
      });
  }

  const recovering = (): boolean => seen === undefined || seen.ramp !== null || seen.throttles > 0;
  const crowded = (): boolean => backlog || 2 * (inFlight + ended.length) > destination.concurrency;
  const mayGather = (): boolean => !wantsClaim && !crowded() && !recovering() && !closing.signal.aborted && isPlain(ended, trip);

  const idle = (): boolean => ended.length === 0 && trip === null && !(wantsClaim && !closing.signal.aborted);

  function run(): void {
    running ??= work().finally(() => {
      running = undefined;
      if (!idle()) run();
    });
  }

  async function work(): Promise<void> {
    for (let failures = 0; !idle(); ) {
      // One turn of the event loop: what ends together is written down together.
      await new Promise(setImmediate);
      if (mayGather()) await gathering.wait(MARKS_GATHER_MS);
      const batch = ended.splice(0, MARKS_MAX);
      const [tripped, take] = [trip, wantsClaim && !closing.signal.aborted];
      wantsClaim = false;
      try {
        await turn(batch, tripped, take);
        if (trip === tripped) trip = null;
        failures = 0;
      } catch (error) {
        // Without the database nothing is claimed, so what waits here is bounded by the leases.
        ended = [...batch, ...ended];
        wantsClaim ||= take;
        failures += 1;
        log.warn({ err: error, destination: destination.id, marks: ended.length }, 'a turn failed and is repeated');
        if (closing.signal.aborted) {
          // Their leases run out, and other replicas or the next line find a sick destination out by themselves.
          ended = [];
          trip = null;
          return;
        }
        await waitMs(backoffMs(failures, RETRY_BACKOFF, random), closing.signal);
      }
    }
  }

  async function turn(batch: Ended[], tripped: Trip | null, take: boolean): Promise<void> {
    if (!take && !recovering() && isPlain(batch, tripped)) {
      if (await turns.mark(destination, batch)) wantsClaim = true;
    } else note(await turns.full(destination, batch, tripped, take), take);
  }

  function note({ state, allowance, jobs }: TurnResult, took: boolean): void {
    seen = state;
    // Until nothing is left to release. Only while it is active: whoever resumes it wakes its lines.
    if (state?.releaseBefore != null && state.state === 'active') wantsClaim = true;
    for (const job of jobs) start(job);
    if (!took || allowance === undefined) return;
    if (allowance.kind === 'nothing') {
      // Also while it is paused or disabled: whoever resumes it wakes its lines, or their next poll does.
      backlog = true;
      if (allowance.until !== undefined) wakeAt(allowance.until);
    } else {
      // What was waited for is over, such as the end of a probe: from now on every end of a request claims the next.
      clearTimeout(pause);
      pause = undefined;
      backlog = allowance.kind === 'probe' || jobs.length >= allowance.count;
      // All tokens are spent: gather some more before the next claim instead of one claim for each.
      if (backlog && allowance.kind === 'requests' && allowance.count === Math.floor(allowance.tokens)) wakeAt(clock.now());
    }
  }

  function wakeAt(at: number): void {
    clearTimeout(pause);
    const waitedMs = Math.min(Math.max(at - clock.now(), TOKENS_GATHER_MS), TIMER_MAX_MS);
    pause = setTimeout(() => {
      pause = undefined;
      wake();
    }, waitedMs);
    pause.unref();
  }

  function wake(): void {
    wantsClaim = true;
    gathering.cut();
    run();
  }

  const mayJump = (): boolean => !closing.signal.aborted && !backlog && trip === null && pause === undefined;

  return {
    destination,
    wake,
    nudge() {
      if (mayJump()) wake();
    },
    take(jobs) {
      for (const job of jobs) start(job);
    },
    mayJump,
    inFlight: () => inFlight,
    async close() {
      closing.abort();
      clearTimeout(pause);
      gathering.cut();
      while (inFlight > 0 || running !== undefined || !idle()) {
        if (!idle()) run();
        // Never a promise that is settled already: that would leave the event loop no turn, and nothing would ever end.
        await (running ?? waitMs(ENDS_LOOK_EVERY_MS));
      }
      detector?.detector.close();
      await sender.close();
    },
  };
}
