import { CONNECTIONS, measureCeiling } from '../ceiling/ceiling.ts';
import type { BenchContext, Scenario } from '../context.ts';
import type { Figure } from '../figure.ts';
import { ratePerSecond } from '../generator/generator.ts';
import type { LoadOptions, LoadResult } from '../generator/load.ts';
import { median, percentile } from '../measure/percentiles.ts';
import { difference, perUnit } from '../measure/sampler.ts';
import { WARM_UP, warmUpWebhooks } from '../measure/warm-up.ts';
import { expectedSummaries } from '../oracle/oracle.ts';
import { settle } from '../settle.ts';
import { startBenchStack } from '../stack/start.ts';
import type { BenchStack } from '../stack/stack.ts';
import { planWebhooks, workload } from '../workload/index.ts';

const ROUNDS = 3;
const LEARNERS = 2000;
const OPEN_RATE = 1500;
const OPEN_SECONDS = 20;
/** Enough that no request waits for a connection unless the service is behind. */
const OPEN_CONNECTIONS = 128;

interface Kind {
  readonly kind: 'alone' | 'chain';
  readonly label: string;
  /** Share of the ceiling. */
  readonly atLeast: number;
}

export const ingestAlone: Scenario = {
  name: 'ingest-alone',
  summary: 'webhooks durably committed per second with the consumers stopped, as a share of the ceiling; p99 at 1,500/s',
  run: (context) => measure(context, { kind: 'alone', label: 'ingest, consumers stopped', atLeast: 0.3 }),
};

export const ingestChain: Scenario = {
  name: 'ingest-chain',
  summary: 'the same with the whole chain beside it',
  run: (context) => measure(context, { kind: 'chain', label: 'ingest, whole chain beside it', atLeast: 0.12 }),
};

/** Rounds of ceiling and service in turn, so that a noisy neighbour is noisy for both. */
async function measure(context: BenchContext, { kind, label, atLeast }: Kind): Promise<Figure[]> {
  const stack = await startBenchStack(context, kind === 'alone' ? { services: ['ingest'] } : {});
  const count = context.quick ? 4000 : 20_000;
  await send(context, stack, kind, 'warm', warmUpWebhooks(context), WARM_UP);
  // And at full load: what runs there is compiled by then, instead of in the first rounds (ingest took 0.36 ms a webhook, 0.24 after 60,000).
  await send(context, stack, kind, 'warm-full', 2 * count, { connections: CONNECTIONS });
  const rounds: { rate: number; ceiling: number }[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const ceiling = await measureCeiling(context);
    const before = stack.cpu();
    const rate = ratePerSecond(await send(context, stack, kind, `round${round}`, count, { connections: CONNECTIONS }));
    rounds.push({ rate, ceiling });
    context.progress(`${label}, round ${round}: ${rate.toFixed(0)}/s of ${ceiling.toFixed(0)}/s, ms CPU per webhook: ${perUnit(difference(stack.cpu(), before), count)}`);
  }
  const open = { connections: OPEN_CONNECTIONS, ratePerSecond: OPEN_RATE };
  const { latenciesMs } = await send(context, stack, kind, 'open', OPEN_RATE * (context.quick ? 3 : OPEN_SECONDS), open);
  await stack.stop();

  const rate = median(rounds.map((round) => round.rate));
  const ratio = median(rounds.map((round) => round.rate / round.ceiling));
  const p99 = percentile(latenciesMs, 99);
  return [
    { name: `ingest.${kind}.rate`, label: `${label}, 32 connections`, value: rate, unit: '/s' },
    { name: `ingest.${kind}.ratio`, label: `${label}, share of the ceiling`, value: ratio, unit: '', digits: 3, target: { atLeast } },
    { name: `ingest.${kind}.p99`, label: `${label}, p99 at ${OPEN_RATE}/s`, value: p99, unit: 'ms', digits: 1, target: { below: 25 } },
  ];
}

/** Send, and check what became of it: every summary with the whole chain, else that each webhook is stored once. */
async function send(
  context: BenchContext,
  stack: BenchStack,
  kind: Kind['kind'],
  name: string,
  count: number,
  options: Pick<LoadOptions, 'connections' | 'ratePerSecond'>,
): Promise<LoadResult> {
  const spec = workload(context, { name: `${kind}-${name}`, webhooks: count, learners: LEARNERS });
  const webhooks = planWebhooks(spec);
  const expected = expectedSummaries(webhooks);
  await stack.receiver.reset();
  await context.generator.prepare(spec, stack.target);
  const storedBefore = await stack.acceptedWebhooks();
  const load = await context.generator.load({ url: stack.target.url, from: 0, to: count, ...options });
  const stored = (await stack.acceptedWebhooks()) - storedBefore;
  const ids = new Set(webhooks.map(({ id }) => id)).size;
  if (stored !== ids) throw new Error(`${ids} webhooks were acknowledged and ${stored} are stored`);
  if (kind === 'chain') await settle(stack.receiver, expected);
  return load;
}
