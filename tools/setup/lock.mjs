import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DATA, SetupError } from './system.mjs';

const FILE = join(DATA, 'setup.lock');
const POLL_MS = 200;
/** Between a lock and the number in it lies a moment. One that stays empty was left by a set-up that was killed then. */
const EMPTY_MS = 3_000;
/** Longer than an installation takes over a slow network. */
const WAIT_MS = 15 * 60_000;

/** One set-up at a time: two that start together would delete each other's dependencies. */
export async function withLock(work, { file = FILE, emptyMs = EMPTY_MS, waitMs = WAIT_MS } = {}) {
  try {
    mkdirSync(dirname(file), { recursive: true });
  } catch (error) {
    throw new SetupError(`The folder ${dirname(file)} cannot be made (${error.code}): check who owns the checkout.`);
  }
  await take(file, emptyMs, waitMs);
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

async function take(file, emptyMs, waitMs) {
  let told = false;
  let emptyForMs = 0;
  for (let waitedMs = 0; !create(file); waitedMs += POLL_MS) {
    const owner = readOwner(file);
    emptyForMs = owner === 0 ? emptyForMs + POLL_MS : 0;
    if (owner === 0 ? emptyForMs > emptyMs : !isSetUp(owner)) {
      // Left by one that was killed.
      rmSync(file, { force: true });
      continue;
    }
    if (waitedMs >= waitMs) {
      const minutes = Math.round(waitMs / 60_000);
      throw new SetupError(`Another set-up (process ${owner || 'unknown'}) has been at work in this folder for ${minutes} minutes: stop it, delete ${file} and try again.`);
    }
    if (!told) process.stdout.write('Another set-up is at work in this folder, waiting for it.\n');
    told = true;
    await sleep(POLL_MS);
  }
}

function create(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw new SetupError(`${file} cannot be written (${error.code}): check who owns the checkout.`);
    return false;
  }
}

/** 0: no number stands there. */
function readOwner(file) {
  return Number(readOptional(file)) || 0;
}

/** A process id may have gone to somebody else since, even to this process. */
function isSetUp(pid) {
  return pid !== process.pid && readOptional(`/proc/${pid}/cmdline`).includes('tools/setup/prepare.mjs');
}

function readOptional(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
