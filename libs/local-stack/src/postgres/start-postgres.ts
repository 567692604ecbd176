import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { LocalStackError } from '../errors.ts';
import type { ServerHandle } from '../handle.ts';
import { createManagedProcess } from '../process/managed-process.ts';
import { freePort, requireFreePort } from '../process/ports.ts';
import { makeOpen, type Place } from './place.ts';
import { restart } from './restart.ts';
import { serverSettings } from './settings.ts';

const run = promisify(execFile);
const HOST = '127.0.0.1';
const INITDB_TIMEOUT_MS = 60_000;
const CONNECT_TIMEOUT_MS = 1000;
/**
 * glibc gives memory back to the system after nearly every statement, as each ends by freeing what it used, and asks
 * for it again in the next one: a third of the CPU of a backend that folds results went into brk and page faults. A
 * backend keeps up to 2 MiB. Setting one of the three ends glibc's own adaption of the others, so all are set.
 */
const KEEP_MEMORY = { MALLOC_TOP_PAD_: '524288', MALLOC_TRIM_THRESHOLD_: '2097152', MALLOC_MMAP_THRESHOLD_: '1048576' } as const;

export interface StartPostgresOptions {
  readonly place: Place;
  /** Name of the folder below the place. */
  readonly name: string;
  /** Default: any free one. */
  readonly port?: number;
  /** The way out that is named when the port is taken. */
  readonly portAdvice?: string;
  /** Logs go here; the account of Postgres need not reach it. */
  readonly logDirectory: string;
  /** Over the defaults, as in postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A Postgres of our own on 127.0.0.1. `url` is that of its superuser, database `postgres`. */
export async function startPostgres(options: StartPostgresOptions): Promise<ServerHandle> {
  const { place, name, portAdvice = 'stop that program' } = options;
  const dataDirectory = join(place.directory, name);
  const port = options.port ?? (await freePort());
  await requireFreePort(port, 'Postgres', portAdvice);
  const password = await initialise(place, dataDirectory);
  const url = `postgresql://postgres:${password}@${HOST}:${port}/postgres`;

  const server = createManagedProcess({
    name: 'Postgres',
    command: join(place.binaries, 'bin', 'postgres'),
    args: ['-D', dataDirectory, ...serverSettings({ port: String(port), ...options.settings })],
    env: environment(),
    cwd: '/',
    logFile: join(options.logDirectory, 'postgres.log'),
    account: place.account,
    // Orderly without waiting for clients to leave: SIGTERM would wait for each.
    stopSignal: 'SIGINT',
    ready: () => answers(url),
  });
  await server.start();
  return {
    url,
    port,
    dataDirectory,
    get pid() {
      return server.pid;
    },
    kill: server.kill,
    restart: () => restart(server),
    stop: server.stop,
    onUnexpectedEnd: server.onUnexpectedEnd,
  };
}

/** Make the database once; its password is kept beside it, where only the account of Postgres and root may read. */
async function initialise(place: Place, dataDirectory: string): Promise<string> {
  const secret = join(dataDirectory, 'superuser-password');
  if (existsSync(secret)) return (await readFile(secret, 'utf8')).trim();
  const partial = `${dataDirectory}.making`;
  const passwordFile = `${dataDirectory}.password`;
  const password = randomUUID();
  const owner = async (path: string) => place.account && (await chown(path, place.account.uid, place.account.gid));
  // What a killed start left half made is no database yet.
  await Promise.all([partial, dataDirectory].map((path) => rm(path, { recursive: true, force: true })));
  await makeOpen(dirname(dataDirectory));
  await mkdir(partial, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  await Promise.all([owner(partial), owner(passwordFile)]);
  try {
    await run(
      join(place.binaries, 'bin', 'initdb'),
      [
        ...['--pgdata', partial, '--username', 'postgres', '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
        ...['--encoding', 'UTF8', '--locale', 'C', '--no-instructions'],
      ],
      { env: environment(), cwd: '/', timeout: INITDB_TIMEOUT_MS, ...(place.account && { uid: place.account.uid, gid: place.account.gid }) },
    );
  } catch (cause) {
    const { stderr = '' } = cause as { stderr?: string };
    throw new LocalStackError('process-ended', `Postgres could not make its files in ${partial}: ${stderr.trim().split('\n').at(-1)}`, { cause });
  }
  await rename(passwordFile, join(partial, 'superuser-password'));
  await rename(partial, dataDirectory);
  return password;
}

/** Nothing of the caller's: PGDATA, PGPORT or a locale of theirs would change what starts. */
function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', ...KEEP_MEMORY };
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
