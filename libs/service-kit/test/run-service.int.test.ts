import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Run the fixture; send the signals once it says `until`. */
async function run(env: Record<string, string>, signals: readonly NodeJS.Signals[] = [], until = '"started"'): Promise<Ended> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'fixture-service.ts')], { env });
  let out = '';
  let err = '';
  let sent = false;
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
    if (sent || !out.includes(until)) return;
    sent = true;
    for (const signal of signals) child.kill(signal);
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, out, err };
}

test.each(['SIGTERM', 'SIGINT'] as const)('%s: not ready, stop, exit 0', async (signal) => {
  const { code, out } = await run({ START: 'ok' }, [signal]);
  expect(code).toBe(0);
  expect(out).toContain('{"status":"down","checks":[{"name":"shutdown","state":"down"');
  expect(out).toContain('"msg":"stopped"');
});

test('a stop that hangs is cut off at the deadline', async () => {
  const { code, out } = await run({ START: 'ok', STOP: 'hang' }, ['SIGTERM']);
  expect([code, out.includes('shutdown took too long')]).toEqual([1, true]);
});

test('a second signal ends at once', async () => {
  const { code, out } = await run({ START: 'ok', STOP: 'hang' }, ['SIGTERM', 'SIGINT']);
  expect(code).toBe(1);
  expect(out).toContain('second signal');
});

test('SIGHUP does not end a process whose configuration does not listen, while it starts or stops', async () => {
  const { code, out } = await run({ START: 'ok' }, ['SIGHUP', 'SIGTERM']);
  expect([code, out.includes('"msg":"stopped"')]).toEqual([0, true]);
});

test('a wrong environment is told in sentences, exit 78', async () => {
  const { code, err } = await run({ STOP: 'never' });
  expect(code).toBe(78);
  expect(err).toMatch(/^ingest: the environment cannot be used, 2 problems:\n {2}START: .*\n {2}STOP: /);
});

test.each([
  [{ START: 'fail' }, 'start failed'],
  [{ START: 'ok', THEN: 'reject' }, 'unhandled rejection'],
  [{ START: 'ok', THEN: 'throw' }, 'uncaught exception'],
])('%j is logged as "%s", exit 1', async (env, message) => {
  const { code, out } = await run(env);
  expect(code).toBe(1);
  expect(out).toContain(`"msg":"${message}"`);
});
