import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerHandle } from '../handle.ts';
import { createManagedProcess } from '../process/managed-process.ts';
import { freePort, requireFreePort } from '../process/ports.ts';
import { startNatsContainer } from './container.ts';
import type { NatsSource } from './find.ts';
import { readNatsInfo } from './server-info.ts';

const HOST = '127.0.0.1';
/**
 * Go collects its garbage when a quarter as much is added as lives: 115 and 130 MB resident at the peak of full load, 140 and 172 with
 * half as much. A limit in bytes (GOMEMLIMIT) takes less at first, but what lives comes near it, and then it collects all the time.
 */
const COLLECT_AT_PERCENT = '25';

export interface StartNatsOptions {
  readonly source: Extract<NatsSource, { kind: 'binary' | 'container' }>;
  /** Holds the store, the log, and nothing of others. */
  readonly directory: string;
  /** Default: any free one. */
  readonly port?: number;
  /** The way out that is named when the port is taken. */
  readonly portAdvice?: string;
}

/** A NATS server with JetStream on 127.0.0.1. */
export async function startNats(options: StartNatsOptions): Promise<ServerHandle> {
  const { source, directory, portAdvice = 'stop that program' } = options;
  const port = options.port ?? (await freePort());
  await requireFreePort(port, 'NATS', portAdvice);
  const dataDirectory = join(directory, 'jetstream');
  await mkdir(dataDirectory, { recursive: true });
  const ready = async (): Promise<boolean> => (await readNatsInfo(HOST, port))?.jetstream === true;
  const logFile = join(directory, 'nats.log');
  if (source.kind === 'container') return await startNatsContainer({ ...source, port, dataDirectory, logFile, ready });

  const server = createManagedProcess({
    name: 'NATS',
    command: source.path,
    args: ['--addr', HOST, '--port', String(port), '--jetstream', '--store_dir', dataDirectory],
    env: { GOGC: COLLECT_AT_PERCENT, ...process.env },
    logFile,
    ready,
  });
  await server.start();
  return {
    url: `nats://${HOST}:${port}`,
    port,
    dataDirectory,
    get pid() {
      return server.pid;
    },
    kill: server.kill,
    restart: server.restart,
    stop: server.stop,
    onUnexpectedEnd: server.onUnexpectedEnd,
  };
}
