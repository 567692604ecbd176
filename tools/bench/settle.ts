import { waitMs } from '@schoolbell/time';
import { monotonicMs } from './measure/monotonic.ts';
import { checkSummaries, type Verdict } from './oracle/check.ts';
import type { ExpectedSummary } from './oracle/oracle.ts';
import type { Receiver } from './receiver/receiver.ts';
import { DESTINATION_SECRET } from './stack/names.ts';

const POLL_MS = 100;
/** Nothing came for so long: then it is worth looking whether all is right. */
const QUIET_MS = 500;
const TIMEOUT_MS = 60_000;
const SHOWN = 5;

/** Every learner's summary is right, and no older revision came after a newer one. */
export type Settled = Verdict & {
  /** Requests that the destination answered with 200. */
  readonly messages: number;
  /** Monotonic milliseconds of the first of them. */
  readonly firstAtMs: number;
};

/**
 * Wait until every learner's newest summary at the destination is right. Looking is postponed until nothing more comes,
 * so that it costs nothing while the system works; the instant of completion is known afterwards all the same.
 * @throws when something is still wrong after `timeoutMs` (60 s) without a message.
 */
export async function settle(
  receiver: Receiver,
  expected: ReadonlyMap<string, ExpectedSummary>,
  options: { settled?: ReadonlySet<string>; timeoutMs?: number } = {},
): Promise<Settled> {
  const { settled = new Set<string>(), timeoutMs = TIMEOUT_MS } = options;
  const startedMs = monotonicMs();
  let checkedAt = -1;
  let verdict: Verdict | undefined;
  for (;;) {
    const { messages, firstAtMs, lastAtMs, older } = await receiver.counts();
    if (older > 0) throw new Error(`${older} summaries came after a newer one`);
    const quietMs = monotonicMs() - Math.max(startedMs, lastAtMs);
    if (quietMs > QUIET_MS && messages !== checkedAt) {
      checkedAt = messages;
      verdict = checkSummaries(expected, await receiver.newest(), DESTINATION_SECRET, settled);
      if (verdict.wrong.length === 0) return { ...verdict, messages, firstAtMs };
    }
    if (quietMs > timeoutMs && verdict !== undefined) {
      throw new Error(`${verdict.wrong.length} learners' summaries are wrong: ${verdict.wrong.slice(0, SHOWN).join('; ')}`);
    }
    await waitMs(POLL_MS);
  }
}
