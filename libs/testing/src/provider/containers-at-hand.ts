import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findEngine, localImage } from '@schoolbell/local-stack';
import type { ContainerChoice } from './provider.ts';

const run = promisify(execFile);
const POSTGRES_IMAGES = ['postgres:18-alpine', 'postgres:18', 'postgres:17-alpine', 'postgres:17'];
export const RUN_LABEL = 'schoolbell.test-run';

/** Only what is there already: tests do not wait for a pull. */
export async function containersAtHand(): Promise<Pick<ContainerChoice, 'engine' | 'natsImage' | 'postgresImage'> | undefined> {
  const engine = await findEngine();
  // Testcontainers speaks to Docker's interface.
  if (engine !== 'docker') return undefined;
  const nats = await localImage(engine);
  if (nats === undefined) return undefined;
  for (const postgresImage of POSTGRES_IMAGES) {
    const inspected = await run(engine, ['image', 'inspect', postgresImage]).catch(() => undefined);
    if (inspected) return { engine, natsImage: nats.image, postgresImage };
  }
  return undefined;
}

export async function removeContainers({ engine, run: label }: Pick<ContainerChoice, 'engine' | 'run'>): Promise<void> {
  const { stdout } = await run(engine, ['ps', '--all', '--quiet', '--filter', `label=${RUN_LABEL}=${label}`]);
  const ids = stdout.split('\n').filter(Boolean);
  if (ids.length > 0) await run(engine, ['rm', '--force', '--volumes', ...ids]);
}
