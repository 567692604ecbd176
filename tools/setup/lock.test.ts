import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from './lock.mjs';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'schoolbell-lock-'));
  file = join(folder, 'data', 'setup.lock');
});
afterEach(() => rm(folder, { recursive: true }));

const owner = (): Promise<string> => withLock(() => readFile(file, 'utf8'), { file, emptyMs: 0, waitMs: 0 });

describe('the lock of the set-up', () => {
  it('is held during the work and released after it', async () => {
    expect(await owner()).toBe(String(process.pid));
    expect(existsSync(file)).toBe(false);
    await expect(withLock(() => Promise.reject(new Error('the work')), { file })).rejects.toThrow('the work');
    expect(existsSync(file)).toBe(false);
  });

  it.each([
    ['a process that is gone', '4194305'],
    ['a process that is no set-up', '1'],
    ['an earlier process with our own number', String(process.pid)],
    ['one that was killed before it wrote its number', ''],
  ])('that was left by %s is taken over', async (_who, left) => {
    await owner();
    await writeFile(file, left);
    expect(await owner()).toBe(String(process.pid));
  });

  it('of a set-up that is at work is respected, and not waited for without an end', async () => {
    await owner();
    const other = spawn(process.execPath, ['-e', 'process.stdin.resume()', 'tools/setup/prepare.mjs'], { stdio: ['pipe', 'ignore', 'ignore'] });
    await once(other, 'spawn');
    await writeFile(file, String(other.pid));
    await expect(owner()).rejects.toThrow(`process ${other.pid}) has been at work in this folder for 0 minutes: stop it, delete ${file}`);
    other.kill();
    await once(other, 'exit');
    expect(await owner()).toBe(String(process.pid));
  });

  it('that is still empty is waited for', async () => {
    await owner();
    await writeFile(file, '');
    await expect(withLock(() => Promise.resolve(), { file, waitMs: 0 })).rejects.toThrow('process unknown');
  });
});
