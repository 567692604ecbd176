import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { repositoryRoot } from '@schoolbell/local-stack';
import { countCheck, filesOfReport, outsideOfReport, type Counts, type TestRun } from './counts.ts';
import { OUTSIDE_FILE } from './outside.ts';

const BIN = join(repositoryRoot, 'node_modules', '.bin');
/** A runner that hangs is ended, and counted as failed. */
const LIMIT_MS = 30 * 60_000;
const KILL_AFTER_MS = 15_000;

/** A check that says all with its exit code. */
export async function runCheck(title: string, command: string, args: readonly string[]): Promise<Counts> {
  return countCheck(await run(title, command, args));
}

/** Vitest over paths, with its JSON report. */
export async function runTests(
  title: string,
  paths: readonly string[],
  reports: string,
  more: readonly string[] = [],
  limitMs = LIMIT_MS,
): Promise<TestRun> {
  const file = join(reports, `${randomUUID()}.json`);
  const outside = join(reports, `${randomUUID()}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`, '--reporter=./tools/test/outside.ts'];
  const exitCode = await run(title, 'vitest', ['run', ...reporters, ...more, ...paths], limitMs, { [OUTSIDE_FILE]: outside });
  const [report, messages] = await Promise.all([file, outside].map((path) => readFile(path, 'utf8').catch(() => undefined)));
  return { files: filesOfReport(report), outside: outsideOfReport(messages), exitCode };
}

/** In front of everybody's eyes; returns the exit code, 1 for a runner that was killed or could not start. */
function run(title: string, command: string, args: readonly string[], limitMs = LIMIT_MS, more: NodeJS.ProcessEnv = {}): Promise<number> {
  console.log(`\n── ${title}`);
  return new Promise((resolve) => {
    const env = { ...process.env, PATH: `${BIN}${delimiter}${process.env['PATH']}`, NX_DAEMON: 'false', ...more };
    const child = spawn(command, args, { cwd: repositoryRoot, env, stdio: ['ignore', 'inherit', 'inherit'] });
    const limit = setTimeout(() => {
      console.error(`${title} did not end within ${limitMs / 60_000} minutes`);
      child.kill('SIGTERM');
      setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS).unref();
    }, limitMs);
    const end = (code: number): void => {
      clearTimeout(limit);
      resolve(code);
    };
    child.once('error', (error) => {
      console.error(error.message);
      end(1);
    });
    child.once('exit', (code) => end(code ?? 1));
  });
}
