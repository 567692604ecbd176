import { waitMs } from '@schoolbell/time';
import { monotonicMs } from '../measure/monotonic.ts';

type Ask = <Row>(sql: string) => Promise<Row[]>;

const POLL_MS = 200;
/** Nothing new reached delivery for so long: then nothing is on its way any more. */
const STILL_MS = 2000;

export async function acceptedWebhooks(ask: Ask): Promise<number> {
  const [row] = await ask<{ count: string }>('SELECT count(*)::text AS count FROM ingest.accepted_webhook');
  return Number(row!.count);
}

/** Wait until delivery is told nothing new any more. */
export async function drained(ask: Ask): Promise<void> {
  let known = '';
  let sinceMs = monotonicMs();
  while (monotonicMs() - sinceMs < STILL_MS) {
    await waitMs(POLL_MS);
    const [row] = await ask<{ wanted: string }>("SELECT coalesce(sum(wanted_revision), 0)::text AS wanted FROM delivery.wanted");
    if (row!.wanted === known) continue;
    known = row!.wanted;
    sinceMs = monotonicMs();
  }
}
