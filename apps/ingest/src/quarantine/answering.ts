import { ingestActivity, ingestQuarantine, ingestQuarantineReplay } from '@schoolbell/contracts';
import { serve, type Nats } from '@schoolbell/messaging';
import type { Database, Log } from '@schoolbell/service-kit';
import { formatInstant, parseInstant } from '@schoolbell/time';
import type { QuarantineCatalog } from './catalog.ts';
import type { Replayer } from './replay.ts';
import { replayMost } from './replay-many.ts';
import { OPEN_PER_SOURCE_MAX } from './store.ts';

/** Rows of one request; the time of the request ends it earlier. Asking again goes on with others. */
const REPLAY_MAX = OPEN_PER_SOURCE_MAX;
/** A replay leaves this much of the asker's patience to the answer. */
const ANSWER_MARGIN_MS = 1_500;

// Without an index on the time, which every webhook would pay for: it is asked once a day.
const countAccepted = { name: 'ingest_accepted_since', text: 'SELECT count(*)::int AS count FROM accepted_webhook WHERE received_at >= $1::timestamptz' };

/** What ingest answers to the notifier over NATS: the same functions as its HTTP API. Returns how to stop. */
export function answerRequests(deps: {
  nats: Nats;
  db: Database;
  catalog: QuarantineCatalog;
  replayer: Replayer;
  replayed: () => Promise<void>;
  log: Log;
}): () => void {
  const { catalog, db, log } = deps;
  const stops = [
    serve(deps, ingestQuarantine, async ({ source, limit }) => {
      const filter = { source, state: 'open' as const };
      const [total, items] = await Promise.all([catalog.count(filter), catalog.list(filter, { limit })]);
      return {
        total,
        items: items.map(({ errors, ...entry }) => ({ ...entry, fault: errors[0] === undefined ? '' : `${errors[0].pointer} ${errors[0].detail}` })),
      };
    }),
    serve(deps, ingestQuarantineReplay, async ({ source, dryRun, by }) => {
      const untilMs = performance.now() + ingestQuarantineReplay.timeoutMs - ANSWER_MARGIN_MS;
      const { matching, outcomes, ids } = await replayMost(deps, { source }, { dryRun, limit: REPLAY_MAX, proceed: () => performance.now() < untilMs });
      if (!dryRun) log.info({ by, source, outcomes }, 'quarantined webhooks were replayed on request');
      return { matching, outcomes, left: Math.max(0, matching - ids.length) };
    }),
    serve(deps, ingestActivity, async ({ since }) => {
      const [[row], quarantined] = await Promise.all([
        db.query<{ count: number }>(countAccepted, [formatInstant(parseInstant(since))]),
        catalog.count({ state: 'open' }),
      ]);
      return { accepted: row?.count ?? 0, quarantined };
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
