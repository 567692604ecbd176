import { fork, type ChildProcess } from 'node:child_process';

const STOP_TIMEOUT_MS = 5000;

export interface Child<Commands extends CommandMap> {
  readonly pid: number;
  call<Name extends keyof Commands & string>(
    name: Name,
    ...args: Parameters<Commands[Name]>
  ): Promise<Awaited<ReturnType<Commands[Name]>>>;
  stop(): Promise<void>;
}
/** What a child can be asked: see `serveCommands`. */
export type CommandMap = Record<string, (...args: never[]) => unknown>;

interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** Start a process of the bench and speak to it over IPC. Its death fails what was asked of it. */
export function startChild<Commands extends CommandMap>(module: string, args: readonly string[] = []): Child<Commands> {
  const child = fork(module, [...args], { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  let asked = 0;
  child.on('message', ({ id, result, error }: Reply) => {
    const caller = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) caller?.resolve(result as never);
    else caller?.reject(new Error(error));
  });
  child.on('exit', (code, signal) => {
    for (const { reject } of waiting.values()) reject(new Error(`${module} ended with ${String(code ?? signal)}`));
    waiting.clear();
  });
  return {
    pid: child.pid!,
    call: (name, ...args) =>
      new Promise((resolve, reject) => {
        asked += 1;
        waiting.set(asked, { resolve, reject });
        child.send({ id: asked, name, args }, (error) => error && reject(error));
      }),
    stop: () => stop(child),
  };
}

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const kill = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    child.once('exit', () => {
      clearTimeout(kill);
      resolve();
    });
    child.disconnect();
  });
}
