import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '@schoolbell/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createManagedProcess, freePort, processesLeft, requireFreePort, type ManagedProcess } from '../src/index.ts';

let folder: string;
let victim: ManagedProcess | undefined;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'schoolbell-process-'))));
afterEach(async () => {
  await victim?.kill();
  victim = undefined;
  await rm(folder, { recursive: true });
});

/** A shell that says it is ready by a file. */
const shell = (script: string, more: object = {}): ManagedProcess =>
  (victim = createManagedProcess({
    name: 'victim',
    command: '/bin/sh',
    args: ['-c', script],
    cwd: folder,
    logFile: join(folder, 'log'),
    ready: async () => existsSync(join(folder, 'ready')),
    ...more,
  }));
const READY_AND_WAIT = 'touch ready; exec sleep 600';

describe('createManagedProcess', () => {
  it('starts, names its pid, is counted, stops, and starts again', async () => {
    const process = shell(READY_AND_WAIT);
    await process.start();
    const first = process.pid;
    expect(first).toBeGreaterThan(0);
    expect(processesLeft()).toEqual([`victim (${first})`]);
    await process.restart();
    expect(process.pid).not.toBe(first);
    await process.stop();
    expect(process.pid).toBeUndefined();
    expect(processesLeft()).toEqual([]);
  });

  it('tells of an end that nobody asked for, and of no other', async () => {
    const told: string[] = [];
    const process = shell('touch ready; until test -e go; do sleep 0.01; done; exit 3');
    process.onUnexpectedEnd((description) => told.push(description));
    await process.start();
    await process.kill();
    await process.start();
    await rm(join(folder, 'ready'));
    await writeFile(join(folder, 'go'), '');
    await waitFor('the end', () => told.length > 0);
    expect(told).toEqual(['ended with code 3']);
  });

  it('says why a start failed, with the end of the log', async () => {
    await expect(shell('echo one; echo no such thing >&2; exit 7').start()).rejects.toMatchObject({
      code: 'process-ended',
      message: expect.stringMatching(/victim ended with code 7 before it was ready: see .*log\n {4}one\n {4}no such thing/),
    });
    await expect(shell('exec sleep 600', { readyTimeoutMs: 50 }).start()).rejects.toMatchObject({ code: 'process-not-ready' });
    expect(processesLeft()).toEqual([]);
  });

  it('stops one that a test has frozen', async () => {
    const process = shell(READY_AND_WAIT);
    await process.start();
    await process.kill('SIGSTOP');
    expect(process.running).toBe(true);
    await process.stop();
    expect(process.running).toBe(false);
  });

  it('shows its output while it keeps it', async () => {
    const seen: string[] = [];
    const process = shell(`echo hello; ${READY_AND_WAIT}`, { echo: (line: string) => seen.push(line) });
    await process.start();
    await waitFor('the line', () => seen.includes('hello'));
    await process.stop();
    await waitFor('the log', async () => (await readFile(join(folder, 'log'), 'utf8')) === 'hello\n');
  });

  it('takes its children along when this process is killed', async () => {
    const child = join(import.meta.dirname, 'parent.fixture.ts');
    const parent = spawn(process.execPath, [child, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [chunk] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(chunk.toString());
    parent.kill('SIGKILL');
    await once(parent, 'close');
    await waitFor('the child is gone', () => !existsSync(`/proc/${pid}`));
  });
});

describe('ports', () => {
  it('finds a free one below the range of outgoing connections', async () => {
    const port = await freePort();
    expect(port).toBeLessThan(32_768);
    await requireFreePort(port, 'the test', 'wait');
  });
  it('names a busy one, who wanted it, and the way out', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    await expect(requireFreePort(port, 'NATS', 'stop that program')).rejects.toMatchObject({
      code: 'port-busy',
      message: `Port ${port} for NATS is in use by another program: stop that program.`,
    });
    server.close();
  });
});
