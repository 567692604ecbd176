// The body of `npm test`: every check there is, then one line that counts what the runners themselves reported.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '@schoolbell/local-stack';
import { sum, type Counts } from './counts.ts';
import { runCheck, runTests } from './runners.ts';

const HELP = `npm test [-- PATH...]

Runs the linter, the compiler, the comparison of schemas with migrations and of generated documents with the code,
and all tests on a real Postgres and a real NATS. With paths: only the tests below them.
What failed is named once more at the end; the last line counts tests and checks; a skipped test counts as failed.`;

/** Black-box tests run whole systems: one at a time, after the rest. */
const TOGETHER = ['apps/', 'libs/', 'tools/'];
const ALONE = ['e2e/'];

const paths = process.argv.slice(2);
if (paths.includes('--help')) {
  console.log(HELP);
} else {
  const reports = await mkdtemp(join(tmpdir(), 'schoolbell-reports-'));
  const results: { title: string; counts: Counts }[] = [];
  const add = (title: string, counts: Counts): void => void results.push({ title, counts });
  try {
    if (paths.length > 0) {
      add('tests', await runTests('tests', paths, reports));
    } else {
      add('lint', await runCheck('lint', 'eslint', ['.']));
      add('typecheck', await runCheck('typecheck', 'node', ['node_modules/typescript7/bin/tsc', '-p', 'tsconfig.json']));
      add('migrations', await runCheck('migrations', 'node', ['tools/migrate/main.ts', 'check']));
      add('documents', await runCheck('documents', 'node', ['tools/docs/main.ts', '--check']));
      add('tests', await runTests('tests', TOGETHER, reports));
      add('black-box tests', await runTests('black-box tests', ALONE, reports, ['--maxWorkers=1']));
    }
  } finally {
    await rm(reports, { recursive: true, force: true });
  }
  report(results);
}

function report(results: readonly { title: string; counts: Counts }[]): void {
  console.log('');
  for (const { title, counts } of results) {
    console.log(`${counts.failed === 0 ? 'ok    ' : 'FAILED'}  ${title}: ${counts.passed} passed, ${counts.failed} failed`);
  }
  const total = sum(results.map(({ counts }) => counts));
  for (const failure of total.failures) console.log(`        ${failure.replace(`${repositoryRoot}/`, '')}`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}
