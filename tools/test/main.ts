// The body of `npm test`: every check there is, then one line that counts what the runners themselves reported.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '@schoolbell/local-stack';
import { sum, type Counts } from './counts.ts';
import { runCheck } from './runners.ts';
import { runTwice } from './unsteady.ts';

const HELP = `npm test [-- PATH...]

Runs the linter, the compiler, the comparison of schemas with migrations and of generated documents with the code,
and all tests on a real Postgres and a real NATS. With paths: only the tests below them.
A file that fails is run once more, alone. What failed is named at the end, and what failed only at first as unsteady.
The last line counts tests and checks; a skipped test counts as failed.`;

const paths = process.argv.slice(2);
if (paths.includes('--help')) {
  console.log(HELP);
} else {
  const reports = await mkdtemp(join(tmpdir(), 'schoolbell-reports-'));
  const results: Result[] = [];
  const check = async (title: string, command: string, args: readonly string[]): Promise<void> =>
    void results.push({ title, counts: await runCheck(title, command, args), unsteady: [] });
  const test = async (where: readonly string[]): Promise<void> => void results.push({ title: 'tests', ...(await runTwice('tests', where, reports)) });
  try {
    if (paths.length > 0) {
      await test(paths);
    } else {
      await check('lint', 'eslint', ['.']);
      await check('typecheck', 'node', ['node_modules/typescript7/bin/tsc', '-p', 'tsconfig.json']);
      await check('migrations', 'node', ['tools/migrate/main.ts', 'check']);
      await check('documents', 'node', ['tools/docs/main.ts', '--check']);
      await test([]);
    }
  } finally {
    await rm(reports, { recursive: true, force: true });
  }
  report(results);
}

interface Result {
  readonly title: string;
  readonly counts: Counts;
  readonly unsteady: readonly string[];
}

function report(results: readonly Result[]): void {
  console.log('');
  for (const { title, counts } of results) {
    console.log(`${counts.failed === 0 ? 'ok    ' : 'FAILED'}  ${title}: ${counts.passed} passed, ${counts.failed} failed`);
  }
  const total = sum(results.map(({ counts }) => counts));
  list('Failed', total.failures);
  list(
    'Unsteady: failed among the others and passed alone. Each is a bug that goes first',
    results.flatMap(({ unsteady }) => unsteady),
  );
  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}

function list(title: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  console.log(`${title}:`);
  for (const line of lines) console.log(`        ${line.replace(`${repositoryRoot}/`, '')}`);
}
