import { isDeepStrictEqual } from 'node:util';
import type { LoadOptions, LoadResult } from '../generator/load.ts';
import { settle, type Settled } from '../settle.ts';
import type { BenchContext } from '../context.ts';
import { expectedSummaries, type ExpectedSummary } from '../oracle/oracle.ts';
import type { BenchStack } from '../stack/stack.ts';
import { planWebhooks, type PlannedWebhook, type WorkloadSpec } from '../workload/index.ts';
import { difference, startSampler, sumOf } from './sampler.ts';

/** A workload carried through the whole system, and what it took. */
export interface Carried {
  readonly load: LoadResult;
  readonly settled: Settled;
  readonly webhooks: number;
  /** From the first send until the last learner's right summary. */
  readonly elapsedMs: number;
  /** CPU milliseconds of each part in that time. */
  readonly cpu: Record<string, number>;
  readonly cpuMsPerWebhook: number;
}

/** Send a workload and wait until every learner's summary at the destination is right. */
export async function carryThrough(
  { generator }: BenchContext,
  stack: BenchStack,
  workload: WorkloadSpec,
  options: Pick<LoadOptions, 'connections' | 'ratePerSecond'> & {
    /** What the system was told before about these learners. */
    readonly history?: readonly PlannedWebhook[];
  },
): Promise<Carried> {
  const { history = [], ...how } = options;
  const webhooks = planWebhooks(workload);
  // Before anything runs: it takes seconds of the CPU that the system is measured on.
  const expected = expectedSummaries([...history, ...webhooks]);
  const settledBefore = unchanged(expectedSummaries(history), expected);
  await stack.receiver.reset();
  await generator.prepare(workload, stack.target);
  const sampler = startSampler(stack.cpu);
  try {
    const before = sampler.at(0);
    const load = await generator.load({ url: stack.target.url, from: 0, to: webhooks.length, ...how });
    const settled = await settle(stack.receiver, expected, { settled: settledBefore });
    const cpu = difference(sampler.at(settled.completeMs), before);
    const elapsedMs = settled.completeMs - load.startedMs;
    return { load, settled, webhooks: webhooks.length, elapsedMs, cpu, cpuMsPerWebhook: sumOf(cpu) / webhooks.length };
  } finally {
    sampler.stop();
  }
}

/** Learners whose summary is the same after as before: none is sent. */
function unchanged(before: ReadonlyMap<string, ExpectedSummary>, after: ReadonlyMap<string, ExpectedSummary>): Set<string> {
  return new Set([...before.keys()].filter((learnerId) => isDeepStrictEqual(before.get(learnerId), after.get(learnerId))));
}
