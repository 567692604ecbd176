import { decide, type ProblemEvent } from './decide.ts';
import type { Notice, Problem } from './problem.ts';

export interface Happening {
  readonly fingerprint: string;
  readonly event: ProblemEvent;
}

export interface Folded {
  /** Problems that changed or are new. */
  readonly changed: readonly Problem[];
  /** In the order of what happened. */
  readonly notices: readonly Notice[];
}

/** What happened, one after the other, to the problems as they stand. */
export function fold(known: ReadonlyMap<string, Problem>, happenings: readonly Happening[], nowMs: number): Folded {
  const changed = new Map<string, Problem>();
  const notices: Notice[] = [];
  for (const { fingerprint, event } of happenings) {
    const before = changed.get(fingerprint) ?? known.get(fingerprint);
    const { problem, notice } = decide(before, event, nowMs);
    if (problem !== undefined && problem !== before) changed.set(fingerprint, problem);
    if (notice !== undefined) notices.push(notice);
  }
  return { changed: [...changed.values()], notices };
}
