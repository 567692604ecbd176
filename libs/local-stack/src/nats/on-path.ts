import { execFile } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { parseVersion } from './version.ts';

const run = promisify(execFile);
const VERSION_TIMEOUT_MS = 5000;

/** Some packages install servers where an ordinary user's PATH does not look. */
const ALSO = ['/usr/local/bin', '/usr/sbin', '/usr/local/sbin'];

/** What `nats-server -v` says; undefined when it cannot run here. */
export async function versionOf(path: string): Promise<string | undefined> {
  try {
    return parseVersion((await run(path, ['-v'], { timeout: VERSION_TIMEOUT_MS })).stdout);
  } catch {
    return undefined;
  }
}

/** The first nats-server of PATH that runs. */
export async function onPath(env: NodeJS.ProcessEnv): Promise<{ path: string; version: string } | undefined> {
  const directories = [...(env['PATH'] ?? '').split(delimiter).filter(Boolean), ...ALSO];
  for (const directory of new Set(directories)) {
    const path = join(directory, 'nats-server');
    const version = await versionOf(path);
    if (version !== undefined) return { path, version };
  }
  return undefined;
}
