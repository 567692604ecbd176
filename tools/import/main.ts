// `npm run import`: takes over a history of results, and compares the outcome with the old system.
import { join } from 'node:path';
import { dataDirectory } from '@schoolbell/local-stack';
import { systemClock } from '@schoolbell/time';
import { ImportError } from './error.ts';
import { HELP, parseOptions } from './options.ts';
import { describeComparison, isAllEqual, runCompare } from './run-compare.ts';
import { rejectedFileOf, runImport } from './run-import.ts';

const write = (text: string): void => void process.stdout.write(text);
const count = (number: number): string => number.toLocaleString('en');

try {
  const options = parseOptions(process.argv.slice(2), process.env);
  if (options.kind === 'help') write(`${HELP}\n`);
  else if (options.kind === 'compare') {
    const comparison = await runCompare(options, write);
    write(`${describeComparison(comparison)}\n`);
    if (!isAllEqual(comparison)) {
      write(`All of them: ${options.file}.differences.ndjson\n`);
      process.exitCode = 1;
    }
  } else {
    const { accepted, rejected } = await runImport(options, {
      stateDirectory: join(dataDirectory, 'imports'),
      terminal: process.stdout.isTTY === true,
      write,
      nowMs: () => systemClock.now(),
    });
    write(`${count(accepted)} lines ${options.dryRun ? 'are good' : 'were taken over'}, ${count(rejected)} left out.\n`);
    if (rejected > 0) {
      write(`All bad lines with their reasons: ${rejectedFileOf(options)}\n`);
      process.exitCode = 1;
    }
  }
} catch (error) {
  if (!(error instanceof ImportError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
