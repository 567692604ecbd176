import { waitMs } from '@schoolbell/time';
import type { BenchContext, Scenario } from '../context.ts';
import type { Figure } from '../figure.ts';
import { expectedSummaries } from '../oracle/oracle.ts';
import { percentile } from '../measure/percentiles.ts';
import type { Behaviour } from '../receiver/server.ts';
import { settle } from '../settle.ts';
import { startBenchStack } from '../stack/start.ts';
import type { BenchStack } from '../stack/stack.ts';
import { planWebhooks, workload } from '../workload/index.ts';

const OUTAGES = [
  { behaviour: 'refuse', label: 'refused connections' },
  { behaviour: 'hang', label: 'a destination that hangs' },
  { behaviour: 'error', label: '500s' },
] as const satisfies readonly { behaviour: Behaviour; label: string }[];
const LEARNERS = 2000;
const RESULTS = 20_000;
/** The destination is away for at least so long after the last result, so that circuits and probes have settled. */
const AFTER_LAST_MS = 6000;
const WITHIN_MS = 3000;

export const outage: Scenario = {
  name: 'outage',
  summary: '20,000 results come in while the destination is away: after it one request per learner, all within 3 s',
  async run(context) {
    const stack = await startBenchStack(context);
    const figures: Figure[] = [];
    for (const each of OUTAGES) figures.push(...(await measure(context, stack, each)));
    return figures;
  },
};

async function measure(context: BenchContext, stack: BenchStack, { behaviour, label }: (typeof OUTAGES)[number]): Promise<Figure[]> {
  const learners = context.quick ? 500 : LEARNERS;
  const spec = workload(context, { name: `outage-${behaviour}`, webhooks: (RESULTS / LEARNERS) * learners, learners });
  const expected = expectedSummaries(planWebhooks(spec));
  await context.generator.prepare(spec, stack.target);
  await stack.receiver.reset();
  await stack.receiver.behave(behaviour);
  await context.generator.load({ url: stack.target.url, from: 0, to: spec.webhooks, connections: 32 });
  await stack.drained();
  await waitMs(AFTER_LAST_MS);
  const { failed } = await stack.receiver.counts();
  await stack.receiver.behave('ok');
  const { messages, learners: reached, firstAtMs, completeMs } = await settle(stack.receiver, expected);
  const afterMs = (await stack.receiver.newest()).map(({ atMs }) => atMs - firstAtMs);
  const reachedAfter = [10, 50, 90, 100].map((share) => `${share}% after ${percentile(afterMs, share).toFixed(0)} ms`).join(', ');
  context.progress(`${label}: ${failed} failed requests meanwhile, then ${messages} requests for ${reached} learners: ${reachedAfter}`);
  return [
    {
      name: `outage.${behaviour}.requests`,
      label: `requests per learner after ${label}`,
      value: messages / reached,
      unit: '',
      digits: 3,
      target: { atMost: 1 },
    },
    {
      name: `outage.${behaviour}.spread`,
      label: `last summary after the first 2xx, ${label}`,
      value: (completeMs - firstAtMs) / 1000,
      unit: 's',
      digits: 2,
      target: { atMost: WITHIN_MS / 1000 },
    },
  ];
}
