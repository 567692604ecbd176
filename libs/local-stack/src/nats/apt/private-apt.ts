import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const STEP_TIMEOUT_MS = 180_000;

/** An apt whose lists, cache and sources are in a folder of ours: the system's own stay as they are. */
export interface PrivateApt {
  /** Download a package from one source and unpack it; returns the folder with its files. */
  unpack(source: string, name: string): Promise<string>;
  remove(): Promise<void>;
}

export async function createPrivateApt(directory: string, env: NodeJS.ProcessEnv): Promise<PrivateApt> {
  const at = (...parts: string[]): string => join(directory, ...parts);
  await rm(directory, { recursive: true, force: true });
  for (const folder of ['parts', 'lists/partial', 'cache/archives/partial']) await mkdir(at(folder), { recursive: true });
  await writeFile(at('apt.conf'), settings(directory, await transportSettings(env)));
  const aptEnv = { ...env, APT_CONFIG: at('apt.conf'), LC_ALL: 'C' };
  const step = (command: string, args: readonly string[], cwd = directory) =>
    run(command, args, { cwd, env: aptEnv, timeout: STEP_TIMEOUT_MS });

  return {
    async unpack(source, name) {
      await writeFile(at('parts', 'archive.sources'), source);
      await rm(at('files'), { recursive: true, force: true });
      await mkdir(at('files'));
      await step('apt-get', ['update', '-qq']);
      await step('apt-get', ['download', '-qq', name], at('files'));
      await step('/bin/sh', ['-c', 'dpkg-deb -x ./*.deb .'], at('files'));
      return at('files');
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

/** Proxies, certificates and the like of the system, without its hooks: those act on the system and need root. */
async function transportSettings(env: NodeJS.ProcessEnv): Promise<string> {
  const { stdout } = await run('apt-config', ['dump', 'Acquire'], { env, timeout: STEP_TIMEOUT_MS });
  return stdout
    .split('\n')
    .filter((line) => /^Acquire::(https?|Retries|ForceIPv[46]|Proxy)\b/i.test(line))
    .join('\n');
}

function settings(directory: string, transport: string): string {
  const values: Record<string, string> = {
    'Dir::Etc::main': '/dev/null',
    'Dir::Etc::parts': '/dev/null',
    'Dir::Etc::sourcelist': '/dev/null',
    'Dir::Etc::sourceparts': join(directory, 'parts'),
    'Dir::Etc::preferences': '/dev/null',
    'Dir::Etc::preferencesparts': '/dev/null',
    'Dir::State::lists': join(directory, 'lists'),
    'Dir::Cache': join(directory, 'cache'),
    // Root would otherwise download as a user who may not be able to enter the folder; others have nothing to drop.
    'APT::Sandbox::User': 'root',
    'Acquire::Languages': 'none',
  };
  return [...Object.entries(values).map(([key, value]) => `${key} "${value}";`), transport, ''].join('\n');
}
