import { fileURLToPath } from 'node:url';
import type { BenchContext } from '../context.ts';
import { ratePerSecond } from '../generator/generator.ts';
import { cpuMs } from '../measure/cpu.ts';
import { startChild } from '../processes/child.ts';
import { SOURCE_ID, WEBHOOK_SECRET } from '../stack/names.ts';
import { workload } from '../workload/index.ts';
import type { CeilingCommands } from './process.ts';

export const CONNECTIONS = 32;
const WARM_UP = 10_000;

/** Requests per second of a bare Fastify that verifies and forgets, with the generator and the load of all others. */
export async function measureCeiling(context: BenchContext): Promise<number> {
  const count = context.quick ? 20_000 : 50_000;
  const server = startChild<CeilingCommands>(fileURLToPath(new URL('process.ts', import.meta.url)));
  try {
    const url = `${await server.call('listen', WEBHOOK_SECRET)}/v1/webhooks/${SOURCE_ID}`;
    const spec = workload(context, { name: 'ceiling', webhooks: WARM_UP + count, learners: 2000 });
    await context.generator.prepare(spec, { url, secret: WEBHOOK_SECRET });
    await context.generator.load({ url, from: 0, to: WARM_UP, connections: CONNECTIONS });
    const before = cpuMs(server.pid);
    const rate = ratePerSecond(await context.generator.load({ url, from: WARM_UP, to: WARM_UP + count, connections: CONNECTIONS }));
    // How fast the machine is just now: this much CPU is needed for the least that can be done with a webhook.
    context.progress(`ceiling ${rate.toFixed(0)}/s, ${((cpuMs(server.pid) - before) / count).toFixed(4)} ms CPU per request`);
    return rate;
  } finally {
    await server.stop();
  }
}
