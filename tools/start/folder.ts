import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataDirectory, removePlace } from '@schoolbell/local-stack';
import { StartError } from './error.ts';

/** What a start keeps below the data folder. What set-up and tests keep there is theirs. */
export const FOLDER = {
  nats: join(dataDirectory, 'nats'),
  logs: join(dataDirectory, 'logs'),
  /** Mails of the notifier, while no SMTP server is configured. */
  mails: join(dataDirectory, 'mails'),
  secrets: join(dataDirectory, 'secrets.json'),
  configuration: join(dataDirectory, 'configuration.json'),
  starts: join(dataDirectory, 'starts'),
  pid: join(dataDirectory, 'start.pid'),
} as const;
/** Of the embedded Postgres, below its place. */
export const POSTGRES_NAME = 'data';

/** One start at a time per checkout: two would share data and ports. */
export function claimFolder(): () => void {
  mkdirSync(dataDirectory, { recursive: true });
  const pid = Number(readOptional(FOLDER.pid));
  if (pid && isStart(pid)) {
    throw new StartError('already-running', `Schoolbell is already running from this folder (process ${pid}): use it, or stop it with Ctrl-C there or kill ${pid}.`);
  }
  writeFileSync(FOLDER.pid, String(process.pid));
  return () => rmSync(FOLDER.pid, { force: true });
}

/** Begin anew. Downloaded programs stay. */
export async function removeData(env: NodeJS.ProcessEnv): Promise<void> {
  if (env['DATABASE_URL']) {
    throw new StartError(
      'not-ours-to-delete',
      '--fresh deletes the embedded database only, and DATABASE_URL names a server of your own: drop the database "schoolbell" there, or unset DATABASE_URL.',
    );
  }
  await removePlace(dataDirectory);
  const { nats, logs, mails, secrets, configuration, starts } = FOLDER;
  for (const path of [nats, logs, mails, secrets, configuration, starts, join(dataDirectory, 'postgres')]) {
    rmSync(path, { recursive: true, force: true });
  }
}

/** How many starts there have been on these data, this one included. */
export function countStart(): number {
  const count = Number(readOptional(FOLDER.starts) || 0) + 1;
  writeFileSync(FOLDER.starts, String(count));
  return count;
}

/** Only its owner may read it. */
export function writePrivate(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600 });
  chmodSync(path, 0o600);
}

export const readOptional = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');

/** A process id may have gone to somebody else since. */
function isStart(pid: number): boolean {
  return pid !== process.pid && readOptional(`/proc/${pid}/cmdline`).includes('tools/start/main.ts');
}
