import { copyFile, chmod, mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Progress } from '../../progress.ts';
import { parseSources, type Archive } from './archives.ts';
import { planCandidates } from './plan.ts';
import { createPrivateApt } from './private-apt.ts';

const PACKAGE = 'nats-server';
const SOURCES = '/etc/apt/sources.list';

export interface FromAptOptions {
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  readonly progress: Progress;
  /** The version of a binary that may serve; undefined when it does not run here or is too old. */
  readonly accepts: (path: string) => Promise<string | undefined>;
}

/** Where a downloaded server is kept. */
export const cachedServer = (directory: string): string => join(directory, 'bin', PACKAGE);

/** Download the server from a newer suite of this system's own archive into `directory/bin`. */
export async function fromApt(
  options: FromAptOptions,
): Promise<{ path: string; version: string } | { reason: string }> {
  const { directory, env, progress, accepts } = options;
  const candidates = planCandidates(await readOptional('/etc/os-release'), await systemArchives());
  if (candidates.length === 0) return { reason: "apt's sources name no Debian or Ubuntu archive" };
  const apt = await createPrivateApt(join(directory, 'apt'), env);
  const failures: string[] = [];
  try {
    for (const { suite, source } of candidates) {
      progress(`downloading ${PACKAGE} from ${suite} (into ${directory}, the system stays as it is)`);
      try {
        const found = join(await apt.unpack(source, PACKAGE), 'usr', 'sbin', PACKAGE);
        const version = await accepts(found);
        if (version !== undefined) return { path: await keep(found, cachedServer(directory)), version };
        failures.push(`${suite} has one that is too old or does not run here`);
      } catch (error) {
        failures.push(`${suite}: ${firstLine(error)}`);
      }
    }
  } finally {
    await apt.remove();
  }
  return { reason: `apt could not provide it (${failures.join(', ')})` };
}

/** Copy, then rename: whoever starts at the same time sees either no file or a whole one. */
async function keep(from: string, to: string): Promise<string> {
  await mkdir(join(to, '..'), { recursive: true });
  const partial = `${to}.${process.pid}`;
  await copyFile(from, partial);
  await chmod(partial, 0o755);
  await rename(partial, to);
  return to;
}

async function systemArchives(): Promise<Archive[]> {
  const parts = `${SOURCES}.d`;
  const names = await readdir(parts).catch(() => []);
  const files = [SOURCES, ...names.filter((name) => /\.(list|sources)$/.test(name)).map((name) => join(parts, name))];
  return (await Promise.all(files.map(async (file) => parseSources(file, await readOptional(file))))).flat();
}

const readOptional = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');

/** apt says what failed in lines that begin with `E:`. */
function firstLine(error: unknown): string {
  const { stderr = '', message = '' } = error as { stderr?: string; message?: string };
  return /^E: (.*)$/m.exec(stderr)?.[1] ?? message.split('\n')[0] ?? 'failed';
}
