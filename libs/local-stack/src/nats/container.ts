import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ServerHandle } from '../handle.ts';
import { createManagedProcess } from '../process/managed-process.ts';
import type { ContainerImage } from './container-engine.ts';

const run = promisify(execFile);
const CONTAINER_PORT = 4222;

interface ContainerOptions extends ContainerImage {
  readonly port: number;
  readonly dataDirectory: string;
  readonly logFile: string;
  readonly ready: () => Promise<boolean>;
}

/** The same server from an image. The engine's client stays in the foreground, so that its end is the server's end. */
export async function startNatsContainer(options: ContainerOptions): Promise<ServerHandle> {
  const { engine, image, port, dataDirectory, logFile, ready } = options;
  const name = `schoolbell-nats-${port}`;
  const client = createManagedProcess({
    name: 'NATS',
    command: engine,
    // The container's user must be ours, or the data folder would fill with files that only root may remove.
    args: [
      ...['run', '--rm', '--name', name, '--publish', `127.0.0.1:${port}:${CONTAINER_PORT}`],
      ...['--user', `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`, ...(engine === 'podman' ? ['--userns=keep-id'] : [])],
      ...['--volume', `${dataDirectory}:/data`, image],
      ...['--addr', '0.0.0.0', '--port', String(CONTAINER_PORT), '--jetstream', '--store_dir', '/data'],
    ],
    logFile,
    ready,
  });
  const removeOld = () => run(engine, ['rm', '--force', name]).catch(() => undefined);
  let pid: number | undefined;
  let asked = false;
  const launch = async () => {
    await client.start();
    asked = false;
    const { stdout } = await run(engine, ['inspect', '--format', '{{.State.Pid}}', name]);
    pid = Number(stdout.trim());
  };
  await removeOld();
  await launch();
  const signal = async (which: NodeJS.Signals) => {
    if (which !== 'SIGSTOP' && which !== 'SIGCONT') asked = true;
    await run(engine, ['kill', '--signal', which, name]).catch(() => undefined);
    if (!asked) return;
    await client.stop();
    pid = undefined;
  };
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    dataDirectory,
    get pid() {
      return pid;
    },
    kill: (which = 'SIGKILL') => signal(which),
    stop: () => signal('SIGTERM'),
    async restart() {
      await signal('SIGTERM');
      await removeOld();
      await launch();
    },
    onUnexpectedEnd: (listener) => client.onUnexpectedEnd((description) => asked || listener(description)),
  };
}
