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

/** Replay by filter, one page: the one way for HTTP and for NATS. Stops early when `proceed` says so. */
export async function replayMany(
  deps: { catalog: QuarantineCatalog; replayer: Replayer; replayed: () => Promise<void> },
  filter: Omit<QuarantineFilter, 'state'>,
  { dryRun, after, limit, proceed = () => true }: { dryRun: boolean; after?: string | undefined; limit: number; proceed?: () => boolean },
): Promise<ReplayedMany> {
  const where = { ...filter, state: 'open' as const };
  const matching = await deps.catalog.count(where);
  const ids = await deps.catalog.ids(where, { after, limit });
  const outcomes: Partial<Record<ReplayOutcome, number>> = {};
  const looked: string[] = [];
  // One at a time: a replay is patient, webhooks that come in beside it are not.
  for (const id of ids) {
    if (!proceed()) break;
    const outcome = (await deps.replayer.replay(id, { dryRun }))?.outcome ?? 'closed-before';
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    looked.push(id);
  }
  if (!dryRun) await deps.replayed();
  return { matching, outcomes, ids: looked };
}
