import { SERVICE_NAMES } from '@schoolbell/contracts';
import type { Scenario } from '../context.ts';
import { startSampler } from '../measure/sampler.ts';
import { carryThrough } from '../measure/carry-through.ts';
import { startBenchStack } from '../stack/start.ts';
import { workload } from '../workload/index.ts';

const MB = 1e6;

export const memory: Scenario = {
  name: 'memory',
  summary: 'resident memory of each service and of the whole system under full load',
  async run(context) {
    const stack = await startBenchStack(context);
    const sampler = startSampler(stack.memory);
    const whole = startSampler(stack.proportional);
    try {
      const spec = workload(context, { name: 'memory', webhooks: context.quick ? 10_000 : 60_000, learners: context.quick ? 2000 : 12_000 });
      await carryThrough(context, stack, spec, { connections: 32 });
      const { parts } = sampler.peaks();
      const { total } = whole.peaks();
      return [
        ...Object.entries(parts).map(([part, bytes]) => ({
          name: `memory.${part}`,
          label: `resident memory under load, ${part}`,
          value: bytes / MB,
          unit: 'MB',
          ...((SERVICE_NAMES as readonly string[]).includes(part) ? { target: { below: 180 } } : {}),
        })),
        { name: 'memory.total', label: 'memory under load, whole system, shared pages once', value: total / MB, unit: 'MB', target: { below: 800 } },
      ];
    } finally {
      sampler.stop();
      whole.stop();
    }
  },
};
