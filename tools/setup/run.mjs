import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DATA, ROOT } from './system.mjs';

const REMIND_EVERY_MS = 10_000;
const KEPT_LINES = 12;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Run a long step: say what it is and that it still goes on, keep its output in a log, and return the end of it when
 * it failed, undefined when it went well.
 */
export async function runStep(title, logName, command, args, env) {
  const startedAt = process.uptime();
  const seconds = () => Math.round(process.uptime() - startedAt);
  process.stdout.write(`${title} …\n`);
  const timer = setInterval(() => process.stdout.write(`  … still at it after ${seconds()} s\n`), REMIND_EVERY_MS);
  const { code, output } = await collect(command, args, env);
  clearInterval(timer);
  const log = join(DATA, 'logs', logName);
  mkdirSync(dirname(log), { recursive: true });
  writeFileSync(log, output);
  if (code === 0) {
    process.stdout.write(`  done in ${seconds()} s\n`);
    return undefined;
  }
  return { log, tail: output.trimEnd().split('\n').slice(-KEPT_LINES).join('\n') };
}

function collect(command, args, env) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
    // Whoever stops the set-up, not only Ctrl-C in a terminal, stops the step with it.
    const stop = () => child.kill();
    for (const signal of SIGNALS) process.once(signal, stop);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve({ code: 1, output: `${output}${error.message}\n` }));
    child.on('close', (code) => {
      for (const signal of SIGNALS) process.off(signal, stop);
      resolve({ code: code ?? 1, output });
    });
  });
}
