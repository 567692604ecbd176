import type { BenchContext, Scenario } from '../context.ts';
import type { Figure } from '../figure.ts';
import { wholePathMs } from '../measure/match.ts';
import { percentile } from '../measure/percentiles.ts';
import { difference, perUnit, sumOf } from '../measure/sampler.ts';
import { warmUp } from '../measure/warm-up.ts';
import { expectedSummaries } from '../oracle/oracle.ts';
import { settle } from '../settle.ts';
import { startBenchStack } from '../stack/start.ts';
import type { BenchStack } from '../stack/stack.ts';
import { streamedWebhooks, workload } from '../workload/index.ts';

const CONNECTIONS = 64;
const LEARNERS = 2000;
/** Left out at the beginning of each rate: code is compiled, plans are made. */
const LEFT_OUT_SECONDS = 5;

const RATES = [
  { rate: 50, seconds: 60, p50: 6, p99: 15 },
  { rate: 400, seconds: 30, p50: undefined, p99: 35 },
] as const;

export const wholePath: Scenario = {
  name: 'whole-path',
  summary: "from a webhook's 202 to the summary received, at 50 and 400 webhooks per second",
  async run(context) {
    const stack = await startBenchStack(context);
    await warmUp(context, stack);
    const figures: Figure[] = [];
    for (const { rate, seconds, p50, p99 } of RATES) {
      const times = await measure(context, stack, `rate${rate}`, rate, LEFT_OUT_SECONDS + (context.quick ? 5 : seconds));
      const label = `202 to summary at ${rate}/s`;
      const figure = (percent: number, below: number | undefined): Figure => ({
        name: `path.${rate}.p${percent}`,
        label: `${label}, p${percent}`,
        value: percentile(times, percent),
        unit: 'ms',
        digits: 1,
        ...(below === undefined ? {} : { target: { below } }),
      });
      figures.push(figure(50, p50), figure(99, p99));
    }
    return figures;
  },
};

async function measure(context: BenchContext, stack: BenchStack, name: string, ratePerSecond: number, seconds: number): Promise<number[]> {
  const spec = workload(context, { name, kind: 'stream', webhooks: ratePerSecond * seconds, learners: LEARNERS });
  const webhooks = streamedWebhooks(spec);
  const expected = expectedSummaries(webhooks);
  await stack.receiver.reset({ keepAll: true });
  await context.generator.prepare(spec, stack.target);
  const before = stack.cpu();
  const load = await context.generator.load({ url: stack.target.url, from: 0, to: webhooks.length, connections: CONNECTIONS, ratePerSecond });
  await settle(stack.receiver, expected);
  const cpu = difference(stack.cpu(), before);
  context.progress(`${name}: ${(sumOf(cpu) / webhooks.length).toFixed(3)} ms CPU per webhook: ${perUnit(cpu, webhooks.length)}`);
  const leftOut = Math.min(LEFT_OUT_SECONDS * ratePerSecond, webhooks.length / 2);
  const measured = { answeredMs: load.answeredMs.subarray(leftOut), latenciesMs: load.latenciesMs.subarray(leftOut) };
  return wholePathMs(webhooks.slice(leftOut), measured, await stack.receiver.all());
}
