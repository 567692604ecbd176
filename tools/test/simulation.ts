// `npm run test:simulation`: the random walk of scheduling, as long as wanted. `npm test` walks a short one.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { countTests } from './counts.ts';
import { runTests } from './runners.ts';

const STEPS_DEFAULT = 100_000;
const LIMIT_MS = 12 * 3_600_000;
const HELP = `npm run test:simulation [-- --steps N] [-- --seed N]

Random people in random zones negotiate lessons on a real Postgres while replicas stop, crash and start; every invariant
is checked after each of N steps (default ${STEPS_DEFAULT}). Progress is printed every 2,000 steps. The seed is random
unless it is given; a walk that fails prints its seed, and --seed walks it again.`;

const { values } = parseArgs({
  options: { help: { type: 'boolean', default: false }, steps: { type: 'string', default: String(STEPS_DEFAULT) }, seed: { type: 'string' } },
});
const isCount = (text: string): boolean => /^\d{1,9}$/.test(text);
if (values.help) {
  console.log(HELP);
} else if (!isCount(values.steps) || Number(values.steps) === 0 || (values.seed !== undefined && !isCount(values.seed))) {
  console.error('--steps takes a number from 1 on and --seed one from 0 on; npm run test:simulation -- --help says more.');
  process.exitCode = 64;
} else {
  await walk(values.steps, values.seed ?? String(process.hrtime.bigint() % 1_000_000_000n));
}

async function walk(steps: string, seed: string): Promise<void> {
  process.env['SIMULATION_STEPS'] = steps;
  process.env['SIMULATION_SEED'] = seed;
  const reports = await mkdtemp(join(tmpdir(), 'schoolbell-simulation-'));
  const run = await runTests(`simulation of ${steps} steps, seed ${seed}`, ['apps/scheduling/test/simulation.int.test.ts'], reports, [], LIMIT_MS);
  await rm(reports, { recursive: true, force: true });
  const { failed } = countTests(run);
  console.log(`${steps} steps, seed ${seed}: ${failed === 0 ? 'no fault' : 'FAILED'}`);
  process.exitCode = failed === 0 ? 0 : 1;
}
