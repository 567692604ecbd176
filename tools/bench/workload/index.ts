import { systemClock } from '@schoolbell/time';
import { shuffledWebhooks } from './shuffled.ts';
import type { PlannedWebhook, WorkloadSpec } from './spec.ts';
import { streamedWebhooks } from './stream.ts';

export { learnerName, type PlannedWebhook, type WorkloadSpec } from './spec.ts';
export { streamedWebhooks, type StreamedWebhook } from './stream.ts';

export function planWebhooks(spec: WorkloadSpec): PlannedWebhook[] {
  return spec.kind === 'stream' ? streamedWebhooks(spec) : shuffledWebhooks(spec);
}

/** A spec with what is the same in most scenarios: the run's seed, ending now, shuffled, learners of its own. */
export function workload(
  { seed, claimLearners }: { seed: number; claimLearners(count: number): number },
  own: Pick<WorkloadSpec, 'name' | 'webhooks' | 'learners'> & Partial<WorkloadSpec>,
): WorkloadSpec {
  return { seed, kind: 'shuffled', endMs: systemClock.now(), firstLearner: claimLearners(own.learners), ...own };
}
