import { carryThrough } from '../measure/carry-through.ts';
import type { BenchContext, Scenario } from '../context.ts';
import { median } from '../measure/percentiles.ts';
import { perUnit } from '../measure/sampler.ts';
import { multiplyLearners } from '../stack/multiply.ts';
import { startBenchStack } from '../stack/start.ts';
import type { BenchStack } from '../stack/stack.ts';
import { createCopies, webhooksAbout } from '../workload/copies.ts';
import { learnerName, planWebhooks, workload, type WorkloadSpec } from '../workload/index.ts';

const ROUNDS = 5;
/** Learners of the small system, and of each round in both. */
const LEARNERS = 500;
const RESULTS_PER_LEARNER = 20;
const CONNECTIONS = 32;
/** Copies of the small system's learners make the large one: 50,000 learners, 1,000,000 results. */
const COPIES = 100;
const HEAVY_ATTEMPTS = 10_000;
/** Its number, beyond all copies. */
const HEAVY_LEARNER = 900_000;
const WEBHOOKS = 4000;
/** Share of a round's webhooks that are about one learner: the heavy one, or one of the small system. */
const FAVOURITE_SHARE = 0.01;

export const flat: Scenario = {
  name: 'flat',
  summary: 'CPU per webhook with 1,000,000 stored results, one learner with 10,000 attempts, against 10,000 results',
  async run(context) {
    const copies = context.quick ? 10 : COPIES;
    const base = workload(context, { name: 'base', webhooks: LEARNERS * RESULTS_PER_LEARNER, learners: LEARNERS });
    const heavy = workload(context, {
      name: 'heavy',
      webhooks: context.quick ? 1000 : HEAVY_ATTEMPTS,
      learners: 1,
      firstLearner: HEAVY_LEARNER,
      // As many as the others have: summaries of the same length.
      testsPerLearner: 15,
    });
    const small = await prepare(context, 'small', [base]);
    const large = await prepare(context, 'large', [base, heavy]);
    context.progress(`copying ${LEARNERS} learners ${copies} times`);
    await multiplyLearners(large, LEARNERS, copies);
    const ratios = await compare(context, { small, large, base, heavy, copies });
    const label = 'CPU per webhook, 1,000,000 stored results against 10,000';
    return [{ name: 'flat.ratio', label, value: median(ratios), unit: '', digits: 2, target: { atMost: 1.2 } }];
  },
};

async function prepare(context: BenchContext, name: string, loads: readonly WorkloadSpec[]): Promise<BenchStack> {
  const stack = await startBenchStack(context, { name });
  for (const spec of loads) await carryThrough(context, stack, spec, { connections: CONNECTIONS });
  return stack;
}

interface Pair {
  readonly small: BenchStack;
  readonly large: BenchStack;
  readonly base: WorkloadSpec;
  readonly heavy: WorkloadSpec;
  readonly copies: number;
}

/** The same webhooks to both in turn, in the large system about learners from all over it. */
async function compare(context: BenchContext, { small, large, base, heavy, copies }: Pair): Promise<number[]> {
  const ratios: number[] = [];
  const toldSmall = planWebhooks(base);
  const toldHeavy = planWebhooks(heavy);
  const copied = createCopies(planWebhooks(base), LEARNERS);
  for (let round = 0; round <= ROUNDS; round += 1) {
    const common = { name: `round${round}`, webhooks: context.quick ? 1000 : WEBHOOKS, learners: LEARNERS };
    const share = FAVOURITE_SHARE;
    const inSmall = workload(context, { ...common, firstLearner: 0, favourite: { learnerId: learnerName(0), share } });
    const inLarge = { ...inSmall, firstLearner: round, stride: copies, favourite: { learnerId: learnerName(HEAVY_LEARNER), share } };
    const learners = Array.from({ length: LEARNERS }, (_, index) => round + index * copies);
    const history = [...learners.flatMap(copied), ...toldHeavy];
    const s = await carryThrough(context, small, inSmall, { connections: CONNECTIONS, history: toldSmall });
    const l = await carryThrough(context, large, inLarge, { connections: CONNECTIONS, history });
    toldSmall.push(...planWebhooks(inSmall));
    toldHeavy.push(...webhooksAbout(learnerName(HEAVY_LEARNER), planWebhooks(inLarge)));
    context.progress(`round ${round}: ${s.cpuMsPerWebhook.toFixed(3)} and ${l.cpuMsPerWebhook.toFixed(3)} ms CPU per webhook`);
    context.progress(`  small: ${perUnit(s.cpu, s.webhooks)}`);
    context.progress(`  large: ${perUnit(l.cpu, l.webhooks)}`);
    // The first round compiles code and fills caches, in both.
    if (round > 0) ratios.push(l.cpuMsPerWebhook / s.cpuMsPerWebhook);
  }
  return ratios;
}
