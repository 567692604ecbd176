import { join } from 'node:path';
import type { ServiceName } from '@schoolbell/contracts';
import { repositoryRoot } from '../paths.ts';
import { createManagedProcess, type ManagedProcess } from '../process/managed-process.ts';
import { freePort, requireFreePort } from '../process/ports.ts';
import { answersOk } from './http-ok.ts';
import { serviceRuntime } from './runtime.ts';

/** One process of a service. */
export interface ServiceSpec {
  readonly service: ServiceName;
  /** Default: any free one. */
  readonly port?: number;
  /** Over the environment that all get. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface StartServicesOptions {
  /** A service named more than once runs in so many replicas. */
  readonly services: readonly ServiceSpec[];
  readonly databaseUrl: (service: ServiceName) => string;
  readonly natsUrl: string;
  /** Path of the configuration file. */
  readonly configuration: string;
  /** Further variables, among them the secrets that the configuration names. */
  readonly env?: Readonly<Record<string, string>>;
  /** Each process appends to `<service>-<port>.log` in here. */
  readonly logDirectory: string;
  /** Default: info. */
  readonly logLevel?: string;
  /** Also show what they write. */
  readonly echo?: (service: ServiceName, line: string) => void;
  readonly portAdvice?: string;
}

/** A running process of a service. */
export interface ServiceHandle extends Pick<ManagedProcess, 'kill' | 'restart' | 'stop' | 'onUnexpectedEnd' | 'logFile'> {
  readonly service: ServiceName;
  readonly url: string;
  readonly port: number;
  /** Undefined while it does not run. */
  readonly pid: number | undefined;
}

/** Start services from their sources and wait until each is alive. If one cannot start, the others are stopped again. */
export async function startServices(options: StartServicesOptions): Promise<ServiceHandle[]> {
  const handles: ServiceHandle[] = [];
  const starting: Promise<void>[] = [];
  for (const spec of options.services) {
    const port = spec.port ?? (await freePort());
    await requireFreePort(port, spec.service, options.portAdvice ?? 'stop that program');
    const server = serviceProcess(options, spec, port);
    handles.push(asHandle(spec.service, port, server));
    starting.push(server.start());
  }
  const failed = (await Promise.allSettled(starting)).find((result) => result.status === 'rejected');
  if (failed) {
    await stopServices(handles);
    throw failed.reason;
  }
  return handles;
}

/** Orderly and at once, each within its own deadline. */
export async function stopServices(handles: readonly ServiceHandle[]): Promise<void> {
  await Promise.all(handles.map((handle) => handle.stop()));
}

function serviceProcess(options: StartServicesOptions, { service, env }: ServiceSpec, port: number): ManagedProcess {
  const { echo, logDirectory, logLevel = 'info' } = options;
  return createManagedProcess({
    name: service,
    command: process.execPath,
    args: [...serviceRuntime.nodeArguments, join('apps', service, 'src', 'main.ts')],
    cwd: repositoryRoot,
    env: {
      ...process.env,
      NODE_ENV: 'production',
      ...serviceRuntime.env,
      ...options.env,
      DATABASE_URL: options.databaseUrl(service),
      NATS_URL: options.natsUrl,
      HOST: '127.0.0.1',
      PORT: String(port),
      LOG_LEVEL: logLevel,
      SCHOOLBELL_CONFIG: options.configuration,
      ...(service === 'notifier' && { SPOOL_FILE: join(logDirectory, `notifier-${port}.spool.json`) }),
      ...env,
    },
    logFile: join(logDirectory, `${service}-${port}.log`),
    ...(echo && { echo: (line: string) => echo(service, line) }),
    ready: () => answersOk(`http://127.0.0.1:${port}/health/live`),
  });
}

function asHandle(service: ServiceName, port: number, server: ManagedProcess): ServiceHandle {
  return {
    service,
    port,
    url: `http://127.0.0.1:${port}`,
    logFile: server.logFile,
    get pid() {
      return server.pid;
    },
    kill: server.kill,
    restart: server.restart,
    stop: server.stop,
    onUnexpectedEnd: server.onUnexpectedEnd,
  };
}
