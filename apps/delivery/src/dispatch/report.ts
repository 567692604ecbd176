import { probeVerdict, type Report } from '../destination/react.ts';
import type { Outcome } from '../http-client/classify.ts';
import type { Mark } from '../wanted/mark.ts';

/** A request that ended: what becomes of its row, and what it says about its destination. */
export interface Ended extends Mark {
  readonly outcome: Outcome;
}

/** What the trip detector of this process found. */
export type Trip = NonNullable<Report['trip']>;

/** Sum up a batch for `react`. */
export function summarize(batch: readonly Ended[], trip: Trip | null, generation: number): Report {
  let gone = false;
  let hold: Report['hold'] = null;
  let probe: Report['probe'] = null;
  let successes = 0;
  let failures = 0;
  for (const { job, outcome, failure } of batch) {
    const reason = outcome.kind === 'success' ? 'the destination answers' : failure;
    gone ||= outcome.kind === 'gone';
    if (outcome.kind === 'rate-limited' || (outcome.kind === 'breaker-failure' && outcome.holds)) {
      hold = longer(hold, { retryAfterMs: outcome.retryAfterMs ?? null, reason });
    }
    if (job.probe) probe = { token: job.token, verdict: probeVerdict(outcome), reason };
    if (job.generation !== generation) continue;
    if (outcome.kind === 'success') successes += 1;
    if (outcome.kind === 'breaker-failure') failures += 1;
  }
  return { gone, successes, failures, hold, probe, trip };
}

function longer(a: Report['hold'], b: NonNullable<Report['hold']>): NonNullable<Report['hold']> {
  return a !== null && (a.retryAfterMs ?? 0) >= (b.retryAfterMs ?? 0) ? a : b;
}

/** True when a batch says nothing that the destination's row would have to know, unless it is recovering. */
export function isPlain(batch: readonly Ended[], trip: Trip | null): boolean {
  return trip === null && batch.every(({ job, outcome }) => outcome.kind === 'success' && !job.probe);
}
