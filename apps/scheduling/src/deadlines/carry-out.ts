import type { Log } from '@schoolbell/service-kit';
import type { PerformDeps } from '../store/perform.ts';
import { poll, POLL_PACKAGES, PollFailure } from '../store/poll.ts';

/** Batches that are carried out side by side: while the database works on one, this process decides about another. */
const LANES = 2;
/** A package that fails is left out for so long, so that it holds up nobody else's deadlines. */
const SET_ASIDE_MS = 60_000;

export interface CarriedOut {
  /** A batch was carried out. `lateMs`: how late its oldest deadline was. */
  done(lateMs: number, lessons: number): void;
  /** A package could not be, for a reason of its own. */
  failed(packageId: string, cause: unknown): void;
}

export interface CarryOut {
  /** Everything that is due now, batch after batch. Returns how many lessons that were. */
  run(signal?: AbortSignal): Promise<number>;
}

export function createCarryOut(deps: PerformDeps & { readonly log: Log }, told: CarriedOut): CarryOut {
  const { clock, log } = deps;
  const aside = new Map<string, number>();

  function setAside(packageId: string, cause: unknown): void {
    aside.set(packageId, clock.now() + SET_ASIDE_MS);
    log.error({ err: cause, packageId }, 'the deadlines of a package cannot be carried out');
    told.failed(packageId, cause);
  }

  /** Ends: each turn carries something out, or sets a package aside, or is the last. */
  async function lane(signal?: AbortSignal): Promise<number> {
    let lessons = 0;
    // Turns that take one package each, to find the one that made a batch fail.
    let single = 0;
    while (signal?.aborted !== true) {
      try {
        const round = await poll(deps, { limit: single > 0 ? 1 : POLL_PACKAGES, without: [...aside.keys()] });
        if (round.packages === 0) return lessons;
        single -= 1;
        lessons += round.lessons;
        if (round.lessons > 0) told.done(round.lateMs, round.lessons);
      } catch (error) {
        if (!(error instanceof PollFailure)) throw error;
        const [first, ...others] = error.packageIds;
        if (others.length === 0) setAside(first!, error.cause);
        else single = error.packageIds.length;
      }
    }
    return lessons;
  }

  return {
    async run(signal) {
      for (const [packageId, until] of aside) if (until <= clock.now()) aside.delete(packageId);
      const lanes = await Promise.allSettled(Array.from({ length: LANES }, () => lane(signal)));
      const broken = lanes.find((each) => each.status === 'rejected');
      if (broken !== undefined) throw broken.reason;
      return lanes.reduce((sum, each) => sum + (each.status === 'fulfilled' ? each.value : 0), 0);
    },
  };
}
