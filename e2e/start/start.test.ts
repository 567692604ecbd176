// `npm start` as a new user meets it, on ports and in a data folder of its own.
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { join } from 'node:path';
import { dataDirectory, requireFreePort } from '@schoolbell/local-stack';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, type Launched } from './launch.ts';

const STARTS_TIMEOUT_MS = 180_000;
let data: string;
let base: number;
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'schoolbell-start-'));
  await chmod(data, 0o755);
  base = await freeBase();
});
afterAll(() => rm(data, { recursive: true, force: true }));

/** Where each port of a start is free. Other tests take theirs from 15000 on. */
async function freeBase(): Promise<number> {
  for (let candidate = 6000; candidate < 15_000; candidate += 100) {
    const free = [1, 2, 3, 4, 5, 9, 22, 32].map((last) => requireFreePort(candidate + last, 'a test', ''));
    if ((await Promise.allSettled(free)).every(({ status }) => status === 'fulfilled')) return candidate;
  }
  throw new Error('no free ports');
}

/** What earlier runs have downloaded is on PATH, so that nothing is downloaded again. */
const start = (args: readonly string[] = [], env: Record<string, string> = {}): Launched =>
  launch(['--ports', String(base), ...args], {
    ...env,
    SCHOOLBELL_DATA: data,
    PATH: `${join(dataDirectory, 'bin')}:${process.env['PATH']}`,
  });

/** With a token as the screen says to make one. */
async function as(id: string, role: string, url: string): Promise<{ status: number; body: unknown }> {
  const { SCHEDULING_JWT_SECRET } = JSON.parse(await readFile(join(data, 'secrets.json'), 'utf8')) as Record<string, string>;
  const script = join(import.meta.dirname, '../../apps/scheduling/scripts/token.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script, id, role], { env: { ...process.env, SCHEDULING_JWT_SECRET } });
  const response = await fetch(url, { headers: { authorization: `Bearer ${stdout.trim()}` } });
  return { status: response.status, body: await response.json() };
}

describe('npm start', () => {
  it('shows the summary that arrived, says no to a second start, and stops on Ctrl-C', { timeout: STARTS_TIMEOUT_MS }, async () => {
    const first = start();
    await first.until('Ctrl-C stops everything');
    expect(first.output()).toContain('received and verified the summary of u-000123, revision 1');
    expect(first.output()).toContain(`http://127.0.0.1:${base + 1}`);
    // The negotiation, on each side's clock; and how to sign in to the service that stays up.
    expect(first.output()).toContain('1  awaiting   ✗ Wed 10 Mar, 14:30 (+1)  ✗ Wed 10 Mar, 08:30 (-5)  ✗ Wed 10 Mar, 19:15 (+5:45)');
    expect(first.output()).toContain('Nothing was forgotten.');
    const participants = await as('root', 'admin', `http://127.0.0.1:${base + 4}/v1/participants`);
    expect(participants).toEqual({ status: 200, body: { items: [], next: null } });
    expect(await as('anna', 'student', `http://127.0.0.1:${base + 5}/v1/inbox`)).toMatchObject({ status: 200, body: { items: [] } });

    const second = start();
    expect(await second.ended()).toBe(1);
    expect(second.output()).toContain('Schoolbell is already running from this folder');

    first.signal('SIGINT');
    expect(await first.ended()).toBe(0);
    expect(first.output()).toContain('Stopped.');
  });

  it('goes on with the same data, and begins anew with --fresh', { timeout: STARTS_TIMEOUT_MS }, async () => {
    const again = start();
    await again.until('Ctrl-C stops everything');
    expect(again.output()).toContain('the summary of u-000123, revision 2');
    again.signal('SIGTERM');
    expect(await again.ended()).toBe(0);

    const fresh = start(['--fresh']);
    await fresh.until('Ctrl-C stops everything');
    expect(fresh.output()).toContain('the summary of u-000123, revision 1');
    fresh.signal('SIGINT');
    expect(await fresh.ended()).toBe(0);
  });

  it('names a busy port and the way out', async () => {
    const taken = createServer().listen(base + 3, '127.0.0.1');
    await once(taken, 'listening');
    const refused = start();
    const code = await refused.ended();
    taken.close();
    expect(code).toBe(1);
    expect(refused.output()).toContain(`Port ${base + 3} for delivery is in use by another program: stop that program, or choose other ports`);
  });

  it('names every problem of a wrong configuration before anything is started', async () => {
    const path = join(data, 'wrong.json');
    const file = JSON.parse(await readFile(join(import.meta.dirname, '../../deploy/development.json'), 'utf8'));
    file.sources[0].organizations = ['nobody'];
    await writeFile(path, JSON.stringify(file));
    const refused = start([], { SCHOOLBELL_CONFIG: path });
    expect(await refused.ended()).toBe(1);
    expect(refused.output()).toContain('/sources/0/organizations/0: organization "nobody" is not declared');
    expect(refused.output()).not.toContain('Postgres');
  });

  it.each([
    ['a NATS server that does not answer', { NATS_URL: 'nats://127.0.0.1:1' }, 'No NATS server answers at NATS_URL'],
    ['a database that does not answer', { DATABASE_URL: 'postgresql://x:y@127.0.0.1:1/postgres' }, 'No Postgres answers at DATABASE_URL'],
  ])('names %s', async (_what, env, sentence) => {
    const refused = start([], env);
    expect(await refused.ended()).toBe(1);
    expect(refused.output()).toContain(sentence);
  });

  it('explains itself', async () => {
    const help = start(['--help']);
    expect(await help.ended()).toBe(0);
    expect(help.output()).toContain('npm start [-- OPTIONS]');
    const wrong = start(['--frsh']);
    expect(await wrong.ended()).toBe(1);
    expect(wrong.output()).toContain("Unknown option '--frsh'");
  });
});
