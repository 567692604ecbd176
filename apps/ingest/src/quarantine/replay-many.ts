import type { QuarantineCatalog, QuarantineFilter } from './catalog.ts';
import type { Replayer, ReplayOutcome } from './replay.ts';

/** What became of many quarantined bodies. */
export interface ReplayedMany {
  /** Open ones that fit the filter, before. */
  readonly matching: number;
  readonly outcomes: Partial<Record<ReplayOutcome, number>>;
  /** Those that were looked at, in order. */
  readonly ids: readonly string[];
}

type Filter = Omit<QuarantineFilter, 'state'>;
interface ReplayManyDeps {
  readonly catalog: QuarantineCatalog;
  readonly replayer: Replayer;
  readonly replayed: () => Promise<void>;
}

/** Replay by filter, one page: whoever asks says where the next one begins. */
export async function replayPage(deps: ReplayManyDeps, filter: Filter, { dryRun, ...page }: { dryRun: boolean; after?: string | undefined; limit: number }): Promise<ReplayedMany> {
  return replayThese(deps, filter, () => deps.catalog.ids(open(filter), page), { dryRun, proceed: () => true });
}

/**
 * Replay by filter as much as `proceed` allows. What an earlier call has looked at comes last, so that calling again gets
 * further, whatever stays invalid.
 */
export async function replayMost(deps: ReplayManyDeps, filter: Filter, { limit, ...options }: { dryRun: boolean; limit: number; proceed: () => boolean }): Promise<ReplayedMany> {
  return replayThese(deps, filter, () => deps.catalog.leastLookedAt(open(filter), limit), options);
}

const open = (filter: Filter): QuarantineFilter => ({ ...filter, state: 'open' });

async function replayThese(
  deps: ReplayManyDeps,
  filter: Filter,
  list: () => Promise<string[]>,
  { dryRun, proceed }: { dryRun: boolean; proceed: () => boolean },
): Promise<ReplayedMany> {
  const matching = await deps.catalog.count(open(filter));
  const outcomes: Partial<Record<ReplayOutcome, number>> = {};
  const looked: string[] = [];
  // One at a time: a replay is patient, webhooks that come in beside it are not.
  for (const id of await list()) {
    if (!proceed()) break;
    const outcome = (await deps.replayer.replay(id, { dryRun }))?.outcome ?? 'closed-before';
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    looked.push(id);
  }
  if (!dryRun) await deps.replayed();
  return { matching, outcomes, ids: looked };
}
