import type { BenchContext } from '../context.ts';
import type { BenchStack } from '../stack/stack.ts';
import { workload } from '../workload/index.ts';
import { carryThrough } from './carry-through.ts';

/**
 * What a stack has taken before it is measured, unless what is asked is how a fresh one does. Code is compiled by how
 * often it runs, and batches make it run seldom: so they come one by one.
 */
export const WARM_UP = { ratePerSecond: 400, connections: 64 } as const;
export const warmUpWebhooks = ({ quick }: Pick<BenchContext, 'quick'>): number => WARM_UP.ratePerSecond * (quick ? 2 : 20);

export async function warmUp(context: BenchContext, stack: BenchStack): Promise<void> {
  const spec = workload(context, { name: 'warm-up', kind: 'stream', webhooks: warmUpWebhooks(context), learners: 2000 });
  await carryThrough(context, stack, spec, WARM_UP);
}
