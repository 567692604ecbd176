import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DATA, SetupError } from './system.mjs';

const FILE = join(DATA, 'setup.lock');
const POLL_MS = 200;

/** One set-up at a time: two that start together would delete each other's dependencies. */
export async function withLock(work) {
  try {
    mkdirSync(DATA, { recursive: true });
  } catch (error) {
    throw new SetupError(`The folder ${DATA} cannot be made (${error.code}): check who owns the checkout.`);
  }
  let told = false;
  while (!take()) {
    if (!told) process.stdout.write('Another set-up is at work in this folder, waiting for it.\n');
    told = true;
    await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(FILE, { force: true });
  }
}

function take() {
  try {
    writeFileSync(FILE, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw new SetupError(`${FILE} cannot be written (${error.code}): check who owns the checkout.`);
  }
  if (isAlive(readOwner())) return false;
  // Left by one that was killed.
  rmSync(FILE, { force: true });
  return take();
}

function readOwner() {
  try {
    return Number(readFileSync(FILE, 'utf8'));
  } catch {
    return 0;
  }
}

function isAlive(pid) {
  // Just created and not written yet.
  if (pid === 0) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
