import { carryThrough } from '../measure/carry-through.ts';
import type { BenchContext, Scenario } from '../context.ts';
import type { Figure } from '../figure.ts';
import { median } from '../measure/percentiles.ts';
import { perUnit } from '../measure/sampler.ts';
import { warmUp } from '../measure/warm-up.ts';
import { startBenchStack } from '../stack/start.ts';
import type { BenchStack } from '../stack/stack.ts';
import { storedBytes } from '../stack/storage.ts';
import { workload } from '../workload/index.ts';

const CONNECTIONS = 32;
const WEBHOOKS_PER_LEARNER = 5;
const ROUNDS = 3;
/** 250,000 results do not fit into the default's 64 MB: each round would measure reads of the disk. */
const MANY_SETTINGS = { shared_buffers: '1GB' };
const TARGETS = { rate: { atLeast: 2000 }, cpu: { below: 0.8 } } as const;

/** 10,000 webhooks over 2,000 learners, from the first send until the last summary is right; median of three, and before them what a fresh stack does. */
export const carriedThrough: Scenario = {
  name: 'carried-through',
  summary: '10,000 webhooks over 2,000 learners, until every summary at the destination is right',
  async run(context) {
    const stack = await startBenchStack(context);
    await carry(context, stack, 'fresh', 1000);
    await warmUp(context, stack);
    const rounds = [];
    for (let round = 1; round <= (context.quick ? 1 : ROUNDS); round += 1) {
      rounds.push(await carry(context, stack, `round${round}`, 2000));
    }
    return figures('carried.2k', '2,000 learners', rounds);
  },
};

/** The same with 50,000 learners, and what that leaves on disk. */
export const carriedThroughMany: Scenario = {
  name: 'carried-many',
  summary: 'the same with 50,000 learners (250,000 webhooks), and the bytes that it leaves on disk',
  async run(context) {
    const stack = await startBenchStack(context, { settings: MANY_SETTINGS });
    const learners = context.quick ? 4000 : 50_000;
    await warmUp(context, stack);
    const before = await storedBytes(stack);
    const carried = await carry(context, stack, 'many', learners);
    const after = await storedBytes(stack);
    const bytes = Object.entries(after).map(([part, value]) => [part, value - (before[part] ?? 0)] as const);
    context.progress(`stored: ${bytes.map(([part, value]) => `${part} ${(value / 2 ** 20).toFixed(1)} MiB`).join(' · ')}`);
    const total = bytes.reduce((sum, [, value]) => sum + value, 0);
    return [
      ...figures('carried.50k', '50,000 learners', [carried]),
      { name: 'stored.per-learner', label: 'stored per learner (5 results), all databases and streams', value: total / learners, unit: 'bytes' },
      { name: 'stored.per-result', label: 'stored per result, all databases and streams', value: total / carried.webhooks, unit: 'bytes' },
    ];
  },
};

interface Round {
  readonly webhooks: number;
  readonly rate: number;
  readonly cpu: number;
}

async function carry(context: BenchContext, stack: BenchStack, name: string, learners: number): Promise<Round> {
  const spec = workload(context, { name, webhooks: learners * WEBHOOKS_PER_LEARNER, learners });
  const carried = await carryThrough(context, stack, spec, { connections: CONNECTIONS });
  const rate = (1000 * carried.webhooks) / carried.elapsedMs;
  const acceptedMs = carried.load.endedMs - carried.load.startedMs;
  context.progress(
    `${name}: ${rate.toFixed(0)}/s, all accepted after ${(acceptedMs / 1000).toFixed(2)} s of ${(carried.elapsedMs / 1000).toFixed(2)} s, ` +
      `${carried.settled.messages} summaries sent, ${carried.cpuMsPerWebhook.toFixed(3)} ms CPU per webhook: ${perUnit(carried.cpu, carried.webhooks)}`,
  );
  return { webhooks: carried.webhooks, rate, cpu: carried.cpuMsPerWebhook };
}

function figures(name: string, label: string, rounds: readonly Round[]): Figure[] {
  const rate = median(rounds.map((round) => round.rate));
  const cpu = median(rounds.map((round) => round.cpu));
  return [
    { name: `${name}.rate`, label: `carried through, ${label}`, value: rate, unit: 'webhooks/s', target: TARGETS.rate },
    { name: `${name}.cpu`, label: `CPU of the whole system, ${label}`, value: cpu, unit: 'ms/webhook', digits: 3, target: TARGETS.cpu },
  ];
}
