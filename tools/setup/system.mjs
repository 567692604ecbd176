import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
/** Everything a start makes; ignored by git. */
export const DATA = join(ROOT, '.schoolbell');

const MINIMUM_NODE = 20;

/** Setting up failed for a reason that the reader can do something about; the message says what. */
export class SetupError extends Error {
  code = 'setup-failed';
}

export function requireSystem() {
  const { platform, arch, versions } = process;
  if (platform !== 'linux' || arch !== 'x64') {
    throw new SetupError(
      `Schoolbell sets itself up on Linux x86-64 only, and this is ${platform} ${arch}: use such a machine, a virtual one or a container.`,
    );
  }
  if (Number(versions.node.split('.')[0]) < MINIMUM_NODE) {
    throw new SetupError(`Node ${MINIMUM_NODE} or newer is needed, and this is ${versions.node}: install a newer one.`);
  }
}
