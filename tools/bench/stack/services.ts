import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SERVICE_NAMES, type ServiceName } from '@schoolbell/contracts';
import { createManagedProcess, freePort, serviceRuntime, type ManagedProcess } from '@schoolbell/local-stack';
import { SECRETS, writeConfiguration } from './configuration.ts';

const READY_TIMEOUT_MS = 1000;

export interface RunningService {
  readonly name: ServiceName;
  readonly url: string;
  readonly process: ManagedProcess;
}

/** The services as processes of their own, started as in production: only their environment says what is what. */
export async function startServices(
  names: readonly ServiceName[],
  deps: { folder: string; natsUrl: string; destinationUrl: string; databaseUrl(service: ServiceName): string; profile: boolean },
): Promise<RunningService[]> {
  const ports = {} as Record<ServiceName, number>;
  for (const name of SERVICE_NAMES) ports[name] = await freePort();
  const configuration = writeConfiguration(deps.folder, deps.destinationUrl, ports);
  const services = names.map((name) => {
    const url = `http://127.0.0.1:${ports[name]}`;
    return {
      name,
      url,
      process: createManagedProcess({
        name,
        command: globalThis.process.execPath,
        args: nodeArguments(name, deps),
        env: {
          ...SECRETS,
          PATH: globalThis.process.env['PATH'],
          NODE_ENV: 'production',
          ...serviceRuntime.env,
          SCHOOLBELL_CONFIG: configuration,
          DATABASE_URL: deps.databaseUrl(name),
          NATS_URL: deps.natsUrl,
          HOST: '127.0.0.1',
          PORT: String(ports[name]),
          LOG_LEVEL: 'warn',
        },
        logFile: join(deps.folder, `${name}.log`),
        ready: () => answers(`${url}/health/ready`),
      }),
    };
  });
  const started = await Promise.allSettled(services.map(({ process }) => process.start()));
  const failed = started.find((result) => result.status === 'rejected');
  if (failed === undefined) return services;
  // One that cannot start takes the others with it.
  await Promise.all(services.map(({ process }) => process.stop()));
  throw failed.reason;
}

function nodeArguments(name: ServiceName, { folder, profile }: { folder: string; profile: boolean }): string[] {
  const main = fileURLToPath(new URL(`../../../apps/${name}/src/main.ts`, import.meta.url));
  const profiling = profile ? ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${name}.cpuprofile`] : [];
  return [...serviceRuntime.nodeArguments, ...profiling, main];
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(READY_TIMEOUT_MS) })).ok;
  } catch {
    return false;
  }
}
