// The order in which a NATS server is looked for, with programs and servers that stand in for the real ones.
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findNats } from '../src/index.ts';

let folder: string;
let server: Server | undefined;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'schoolbell-find-'))));
afterEach(async () => {
  server?.close();
  server = undefined;
  await rm(folder, { recursive: true });
});

async function program(name: string, script: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}
async function natsSaying(version: string, { jetstream = true, host = '127.0.0.1' } = {}): Promise<string> {
  server = createServer((socket) => socket.end(`INFO {"version":"${version}","jetstream":${jetstream}} \r\n`)).listen(0, host);
  await once(server, 'listening');
  return `nats://${host.includes(':') ? `[${host}]` : host}:${(server.address() as { port: number }).port}`;
}
const find = (env: Record<string, string>) => findNats({ env: { PATH: folder, ...env }, dataDirectory: folder, progress: () => undefined });

describe('findNats', () => {
  it('takes NATS_URL before everything', async () => {
    await program('nats-server', 'echo nats-server: v2.12.0');
    const url = await natsSaying('2.10.23');
    expect(await find({ NATS_URL: `nats://127.0.0.1:1,${url}` })).toMatchObject({ kind: 'url', version: '2.10.23' });
  });
  it('refuses an old server that was named, and one that does not answer, with the way out', async () => {
    const url = await natsSaying('2.9.10');
    await expect(find({ NATS_URL: url })).rejects.toMatchObject({ code: 'nats-too-old', message: expect.stringContaining('2.9.10, and 2.10.23') });
    await expect(find({ NATS_URL: 'nats://127.0.0.1:1' })).rejects.toMatchObject({ code: 'nats-unreachable', message: expect.stringContaining('unset NATS_URL') });
  });
  it('refuses one that was named and runs without JetStream, and what is no address', async () => {
    const url = await natsSaying('2.10.23', { jetstream: false });
    await expect(find({ NATS_URL: url })).rejects.toMatchObject({ code: 'nats-without-jetstream', message: expect.stringContaining('--jetstream') });
    const wrong = await find({ NATS_URL: 'nats://me:hidden@host:port' }).catch((error: unknown) => error);
    expect(wrong).toMatchObject({ code: 'nats-address', message: expect.stringContaining('nats://127.0.0.1:4222') });
    expect(String(wrong)).not.toContain('hidden');
  });
  it('takes the one on PATH', async () => {
    const path = await program('nats-server', 'echo nats-server: v2.10.27');
    expect(await find({})).toEqual({ kind: 'binary', path, version: '2.10.27' });
  });
});
