import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { dataDirectory, findNats, findPlace, LocalStackError, type Progress } from '@schoolbell/local-stack';
import { containersAtHand, removeContainers } from './containers-at-hand.ts';
import { createContainerProvider } from './container-provider.ts';
import { createProcessProvider } from './process-provider.ts';
import type { ContainerChoice, ProcessChoice, ProviderChoice, ServerProvider } from './provider.ts';

const RUNS = join(dataDirectory, 'tests');

/** Testcontainers where an engine and both images are at hand, plain processes otherwise. */
export async function chooseProvider(progress: Progress): Promise<ProviderChoice> {
  await removeDeadRuns();
  return (await chooseContainers()) ?? (await chooseProcesses(progress));
}

/** Each run is named by its process, so that the next one can tell what was left behind. */
const run = String(process.pid);

/** @throws {LocalStackError} when this machine can have no server of its own. */
export async function chooseProcesses(progress: Progress): Promise<ProcessChoice> {
  const directory = await runDirectory();
  // Tests kill their servers and delete their files, so one that is only reachable by address is of no use to them.
  const nats = await findNats({ env: { ...process.env, NATS_URL: undefined }, dataDirectory, progress });
  if (nats.kind === 'url') throw new LocalStackError('nats-missing', 'Tests need a NATS server of their own.');
  return { kind: 'processes', nats, place: await findPlace(dataDirectory), directory, run: `test-${run}` };
}

export async function chooseContainers(): Promise<ContainerChoice | undefined> {
  const images = await containersAtHand();
  return images && { kind: 'containers', ...images, directory: await runDirectory(), run: `test-${run}` };
}

async function runDirectory(): Promise<string> {
  const directory = join(RUNS, run);
  await mkdir(directory, { recursive: true });
  return directory;
}

export function createProvider(choice: ProviderChoice): ServerProvider {
  return choice.kind === 'containers' ? createContainerProvider(choice) : createProcessProvider(choice);
}

/** Give back everything of this run. Its servers must have been stopped. */
export async function removeRun(choice: ProviderChoice): Promise<void> {
  await rm(choice.directory, { recursive: true, force: true });
  if (choice.kind === 'processes') await rm(join(choice.place.directory, choice.run), { recursive: true, force: true });
  else await removeContainers(choice);
}

async function removeDeadRuns(): Promise<void> {
  const places = [RUNS, join(dataDirectory, 'postgres')];
  for (const place of places) {
    for (const name of await readdir(place).catch(() => [])) {
      const pid = Number(/^(?:test-)?(\d+)$/.exec(name)?.[1]);
      if (pid && !isAlive(pid)) await rm(join(place, name), { recursive: true, force: true });
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
