import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot } from '@schoolbell/local-stack';
import { waitFor } from '@schoolbell/testing';

const UNTIL_TIMEOUT_MS = 90_000;

/** A start as a process. */
export interface Launched {
  output(): string;
  /** Until it has printed this. Fails at once when it ends instead. */
  until(text: string): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** Its exit code, once it has ended. */
  ended(): Promise<number | null>;
}

export function launch(args: readonly string[], env: NodeJS.ProcessEnv): Launched {
  const child = spawn(process.execPath, [join(repositoryRoot, 'tools', 'start', 'main.ts'), ...args], {
    cwd: repositoryRoot,
    env: { ...process.env, NATS_URL: '', DATABASE_URL: '', SCHOOLBELL_CONFIG: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let over = false;
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => ((over = true), resolve(code))));
  return {
    output: () => output,
    async until(text) {
      await waitFor(`"${text}" is printed`, () => over || output.includes(text), { timeoutMs: UNTIL_TIMEOUT_MS });
      if (!output.includes(text)) throw new Error(`the start ended without "${text}":\n${output}`);
    },
    signal: (signal) => void child.kill(signal),
    ended: () => ended,
  };
}
