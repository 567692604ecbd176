// `npm run test:chaos`: every fault with many seeds. `npm test` meets each fault once.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { countTests, sum, type Counts } from './counts.ts';
import { runTests } from './runners.ts';

const HELP = `npm run test:chaos [-- --seeds N] [-- --from N]

Runs every fault of e2e/chaos with N seeds (default 10), from the given one on (default 1).
A seed that fails is printed; run it again with --from SEED --seeds 1.`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    seeds: { type: 'string', default: '10' },
    from: { type: 'string', default: '1' },
  },
});
const isCount = (text: string): boolean => /^\d{1,9}$/.test(text);
if (values.help) {
  console.log(HELP);
} else if (!isCount(values.seeds) || Number(values.seeds) === 0 || !isCount(values.from)) {
  console.error('--seeds takes a number from 1 on and --from one from 0 on; npm run test:chaos -- --help says more.');
  process.exitCode = 64;
} else {
  await run(Number(values.from), Number(values.seeds));
}

async function run(from: number, seeds: number): Promise<void> {
  const reports = await mkdtemp(join(tmpdir(), 'schoolbell-chaos-'));
  const counts: Counts[] = [];
  const failed: number[] = [];
  for (let seed = from; seed < from + seeds; seed += 1) {
    process.env['CHAOS_SEED'] = String(seed);
    const count = countTests(await runTests(`chaos, seed ${seed}`, ['e2e/chaos/'], reports, ['--maxWorkers=1']));
    counts.push(count);
    if (count.failed > 0) failed.push(seed);
  }
  await rm(reports, { recursive: true, force: true });
  const total = sum(counts);
  if (failed.length > 0) console.log(`\nFailed with the seeds ${failed.join(', ')}.`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
}
