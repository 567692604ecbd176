// Delivery as a process of its own, for tests that kill it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testConfiguration, type TestConfigurationOptions } from '@schoolbell/testing';

export interface DeliveryProcess {
  kill(): Promise<void>;
}

export async function spawnDelivery(options: { databaseUrl: string; natsUrl: string; configuration: TestConfigurationOptions }): Promise<DeliveryProcess> {
  const directory = await mkdtemp(join(tmpdir(), 'delivery-process-'));
  const path = join(directory, 'schoolbell.json');
  const { env, write } = testConfiguration(options.configuration);
  await write(path);
  const child = spawn(process.execPath, [join(import.meta.dirname, '../src/main.ts')], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...env, DATABASE_URL: options.databaseUrl, NATS_URL: options.natsUrl, PORT: '0', LOG_LEVEL: 'error', SCHOOLBELL_CONFIG: path },
  });
  const ended = once(child, 'exit');
  return {
    async kill() {
      child.kill('SIGKILL');
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}
