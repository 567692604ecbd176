import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { waitMs } from '@schoolbell/time';
import { LocalStackError } from '../errors.ts';
import type { Account } from './account.ts';
import { echoLines } from './echo.ts';
import { track, untrack } from './leftovers.ts';
import { underDeathSignal } from './death-signal.ts';
import { lastLines } from './log-tail.ts';

const READY_POLL_MS = 20;
const READY_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 20_000;

export interface ProcessOptions {
  /** For people: `NATS`, `ingest`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Standard output and error are appended here. */
  readonly logFile: string;
  /** Also print each line of output through this. */
  readonly echo?: (line: string) => void;
  /** The account it runs under. Default: that of this process. */
  readonly account?: Account | undefined;
  /** What ends it orderly, also when this process dies. Default: SIGTERM. */
  readonly stopSignal?: NodeJS.Signals;
  /** Asked again and again until true. */
  readonly ready: () => Promise<boolean>;
  readonly readyTimeoutMs?: number;
}

/** A child process that can be killed, started again and stopped: as itself for use, and as a victim for chaos tests. */
export interface ManagedProcess {
  readonly name: string;
  /** Undefined while it does not run. */
  readonly pid: number | undefined;
  readonly logFile: string;
  readonly running: boolean;
  /** Spawn and wait until it is ready. */
  start(): Promise<void>;
  /** Send a signal, by default SIGKILL, and wait for the end. SIGSTOP and SIGCONT only send. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Orderly, then by force when that takes too long. */
  stop(): Promise<void>;
  /** Stop it if it runs, then start it with the same arguments. */
  restart(): Promise<void>;
  /** Called when it ends without having been asked to. */
  onUnexpectedEnd(listener: (description: string) => unknown): void;
}

interface Life {
  readonly child: ChildProcess;
  readonly ended: Promise<string>;
  asked: boolean;
  over: boolean;
}

export function createManagedProcess(options: ProcessOptions): ManagedProcess {
  const { name, logFile, stopSignal = 'SIGTERM', readyTimeoutMs = READY_TIMEOUT_MS } = options;
  const listeners = new Set<(description: string) => unknown>();
  let life: Life | undefined;

  function launch(): Life {
    mkdirSync(dirname(logFile), { recursive: true });
    const output = openSync(logFile, 'a');
    const { command, args } = underDeathSignal(stopSignal, options.command, options.args);
    const child = spawn(command, args, {
      ...(options.cwd !== undefined && { cwd: options.cwd }),
      ...(options.account && { uid: options.account.uid, gid: options.account.gid }),
      env: options.env ?? process.env,
      // A group of its own: Ctrl-C must reach only whoever orders the shutdown.
      detached: true,
      stdio: ['ignore', options.echo ? 'pipe' : output, options.echo ? 'pipe' : output],
    });
    closeSync(output);
    if (options.echo) echoLines(child, logFile, options.echo);
    const started: Life = { child, asked: false, over: false, ended: endOf(child) };
    track(name, child);
    void started.ended.then((description) => {
      started.over = true;
      untrack(child);
      if (!started.asked) for (const listener of listeners) listener(description);
    });
    return started;
  }

  async function untilReady(current: Life): Promise<void> {
    const deadline = AbortSignal.timeout(readyTimeoutMs);
    while (!(await options.ready())) {
      if (current.over) throw failure('process-ended', `${name} ${await current.ended} before it was ready`);
      if (deadline.aborted) throw failure('process-not-ready', `${name} was not ready after ${readyTimeoutMs / 1000} s`);
      await waitMs(READY_POLL_MS);
    }
    // Whoever answered may be a stranger on the same port.
    if (current.over) throw failure('process-ended', `${name} ${await current.ended} before it was ready`);
  }

  const failure = (code: 'process-ended' | 'process-not-ready', what: string): LocalStackError =>
    new LocalStackError(code, `${what}: see ${logFile}${lastLines(logFile)}`);

  async function start(): Promise<void> {
    if (life !== undefined && !life.over) return;
    const current = launch();
    life = current;
    try {
      await untilReady(current);
    } catch (error) {
      await end('SIGKILL');
      throw error;
    }
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const current = life;
    if (current === undefined || current.over) return;
    current.asked = true;
    current.child.kill(signal);
    // One that a test has stopped hears nothing else.
    current.child.kill('SIGCONT');
    const force = setTimeout(() => current.child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await current.ended;
    clearTimeout(force);
  }

  return {
    name,
    logFile,
    get pid() {
      return life !== undefined && !life.over ? life.child.pid : undefined;
    },
    get running() {
      return life !== undefined && !life.over;
    },
    start,
    async kill(signal = 'SIGKILL') {
      if (signal === 'SIGSTOP' || signal === 'SIGCONT') life?.child.kill(signal);
      else await end(signal);
    },
    stop: () => end(stopSignal),
    async restart() {
      await end(stopSignal);
      await start();
    },
    onUnexpectedEnd: (listener) => void listeners.add(listener),
  };
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not be started (${error.message})`));
    child.once('exit', (code, signal) => resolve(signal === null ? `ended with code ${code}` : `was ended by ${signal}`));
  });
}
