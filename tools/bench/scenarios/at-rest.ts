import { waitMs } from '@schoolbell/time';
import type { Scenario } from '../context.ts';
import { difference, perUnit, sumOf } from '../measure/sampler.ts';
import { startBenchStack } from '../stack/start.ts';

const SETTLE_SECONDS = 10;
const SECONDS = 60;

/** What polls, watches and heartbeats cost: it is paid beside every webhook. */
export const atRest: Scenario = {
  name: 'at-rest',
  summary: 'CPU that the whole system takes with nothing to do',
  async run(context) {
    const stack = await startBenchStack(context);
    await waitMs(1000 * (context.quick ? 2 : SETTLE_SECONDS));
    const seconds = context.quick ? 5 : SECONDS;
    const before = stack.cpu();
    await waitMs(1000 * seconds);
    const cpu = difference(stack.cpu(), before);
    context.progress(`ms CPU per second: ${perUnit(cpu, seconds)}`);
    return [{ name: 'rest.cpu', label: 'CPU of the whole system at rest', value: sumOf(cpu) / seconds, unit: 'ms/s', digits: 0 }];
  },
};
