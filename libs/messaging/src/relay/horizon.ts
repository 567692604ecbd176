// Ids are given before their transactions commit, so a row can appear below others that are long published. The horizon
// is the id below which none can appear any more: the usual look for pending rows begins there.

/** Of a snapshot: every transaction below `xmin` has ended, none from `xmax` on had begun. */
export interface Snapshot {
  readonly xmin: bigint;
  readonly xmax: bigint;
  /** The day before that of the snapshot: no transaction that runs then began earlier. */
  readonly day: string;
  /** The greatest id of the table, whatever its stream: all up to it were given by then. */
  readonly highest: number;
}

/** An id that was given when the snapshot was taken. It settles when everything that ran then has ended. */
interface Candidate {
  readonly id: number;
  readonly xmax: bigint;
  readonly day: string;
  readonly sinceMs: number;
}

export interface Horizon {
  /** Rows above this id are of this day or later. Undefined while only a look through everything tells what is pending. */
  readonly settled: { readonly id: number; readonly day: string } | undefined;
  readonly candidate: Candidate | undefined;
}

export const NO_HORIZON: Horizon = Object.freeze({ settled: undefined, candidate: undefined });

/**
 * Longer than a transaction of a service can last (its statements end after 10 s, its idle ones after 30 s): a foreign
 * transaction in the same server, which `xmin` waits for as well, holds nothing up for longer.
 */
export const SETTLED_AFTER_MS = 60_000;

/**
 * The horizon after a look. `snapshot` was taken before the look, `lowestPending` is the lowest id that the look found:
 * what is pending itself settles only when it is published.
 */
export function nextHorizon(
  { settled, candidate }: Horizon,
  seen: { readonly snapshot: Snapshot; readonly lowestPending: number | undefined; readonly nowMs: number },
): Horizon {
  const { snapshot, lowestPending = Infinity, nowMs } = seen;
  const { highest: id, xmax, day } = snapshot;
  const next: Candidate = { id, xmax, day: candidate?.id === id ? candidate.day : day, sinceMs: nowMs };
  if (candidate === undefined) return { settled, candidate: next };
  const over = snapshot.xmin >= candidate.xmax || nowMs - candidate.sinceMs >= SETTLED_AFTER_MS;
  if (!over || lowestPending <= candidate.id) return { settled, candidate };
  return { settled: settled !== undefined && settled.id >= candidate.id ? settled : { id: candidate.id, day: candidate.day }, candidate: next };
}
