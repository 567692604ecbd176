// The notifier as a process of its own, for tests that kill it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface NotifierProcess {
  /** At once, wherever it is. Resolves when it is gone; harmless twice. */
  kill(): Promise<void>;
}

export async function spawnNotifier({ databaseUrl, natsUrl, configuration, secrets = {} }: {
  databaseUrl: string; natsUrl: string; configuration: object; secrets?: Readonly<Record<string, string>>;
}): Promise<NotifierProcess> {
  const directory = await mkdtemp(join(tmpdir(), 'notifier-process-'));
  const path = join(directory, 'schoolbell.json');
  await writeFile(path, JSON.stringify(configuration));
  const child = spawn(process.execPath, [join(import.meta.dirname, '../src/main.ts')], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...secrets, DATABASE_URL: databaseUrl, NATS_URL: natsUrl, PORT: '0', LOG_LEVEL: 'error', SCHOOLBELL_CONFIG: path, SPOOL_FILE: join(directory, 'spool.json') },
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
