import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServices, stopServices, type ServiceHandle } from '@schoolbell/local-stack';
import { startNats, TEST_ORGANIZATION, TEST_TOKEN, testConfiguration, testDatabase, waitFor, type RunningNats, type TestDatabase } from '@schoolbell/testing';
import { systemClock } from '@schoolbell/time';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { differences, expectedSummaries } from '../bench/oracle/index.ts';
import { planWebhooks } from '../bench/workload/index.ts';
import { runImport } from './run-import.ts';

const LEARNERS = 200;

describe('npm run import', () => {
  let directory: string;
  let database: TestDatabase;
  let nats: RunningNats;
  let services: ServiceHandle[];
  let url: string;
  let printed: string;
  let claimed = 0;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'schoolbell-import-'));
    [database, nats] = await Promise.all([testDatabase('results'), startNats()]);
    const configuration = testConfiguration();
    const path = join(directory, 'schoolbell.json');
    await configuration.write(path);
    services = await startServices({
      services: [{ service: 'results' }],
      databaseUrl: (service) => database.url(service),
      natsUrl: nats.url,
      configuration: path,
      env: configuration.env,
      logDirectory: directory,
    });
    url = services[0]!.url;
  });
  afterAll(async () => {
    await stopServices(services ?? []);
    await Promise.all([database?.drop(), nats?.stop()]);
    await rm(directory, { recursive: true, force: true });
  });
  beforeEach(() => {
    printed = '';
  });

  const options = (file: string, more: object = {}) => ({ file, url, token: TEST_TOKEN, organizationId: undefined, dryRun: false, restart: false, ...more });
  const deps = () => ({
    stateDirectory: join(directory, 'state'),
    terminal: false,
    write: (text: string) => void (printed += text),
    nowMs: () => systemClock.now(),
  });
  function history(name: string, webhooks: number) {
    const planned = planWebhooks({ seed: 11, kind: 'shuffled', name, webhooks, learners: LEARNERS, firstLearner: claimed, endMs: systemClock.now() });
    claimed += LEARNERS;
    const lines = planned.map(({ id, body }) => {
      const webhook = { id, ...(JSON.parse(body) as { data: Record<string, unknown> }) };
      webhook.data['organizationId'] = TEST_ORGANIZATION;
      return JSON.stringify(webhook);
    });
    return { lines, planned };
  }
  async function wrongSummaries(planned: readonly { id: string; body: string }[]): Promise<string[]> {
    const wrong: string[] = [];
    for (const [learnerId, expected] of expectedSummaries(planned)) {
      if (expected.tests.size === 0) continue;
      const answer = await fetch(`${url}/v1/organizations/${TEST_ORGANIZATION}/learners/${learnerId}/summary`, { headers: { authorization: `Bearer ${TEST_TOKEN}` } });
      const body = await answer.text();
      const revision = (JSON.parse(body) as { data?: { revision: number } }).data?.revision ?? 0;
      wrong.push(...(answer.ok ? differences(learnerId, expected, body, revision) : [`${learnerId}: ${answer.status}`]).slice(0, 1));
    }
    return wrong;
  }

  it('takes a history over, names the bad lines and leaves them out', async () => {
    const file = join(directory, 'bad-lines.ndjson');
    const bare = { organizationId: TEST_ORGANIZATION, attemptId: 'bare-1', learnerId: 'bare', courseId: 'c', testId: 't', score: 17, maxScore: 20, completedAt: '2026-01-05T10:00:00+01:00' };
    await writeFile(file, [JSON.stringify(bare), '{"nonsense":', '', JSON.stringify({ ...bare, attemptId: 'bare-2', score: 21 }), JSON.stringify({ ...bare, attemptId: 'bare-3', organizationId: 'unknown' })].join('\n'));
    const { accepted, rejected } = await runImport(options(file), deps());
    expect({ accepted, rejected }).toEqual({ accepted: 1, rejected: 3 });
    expect(printed).toMatch(/line 2: is not JSON/);
    expect(printed).toMatch(/line 4: \/data\/score must not exceed maxScore/);
    expect(printed).toMatch(/line 5: organization-unknown/);
    const written = (await readFile(`${file}.rejected.ndjson`, 'utf8')).trim().split('\n').map((line) => (JSON.parse(line) as { line: number }).line);
    expect(written).toEqual([2, 4, 5]);
  });

  it('has written the bad lines of a batch when it remembers the batch, and a dry run leaves them alone', async () => {
    const file = join(directory, 'rejected.ndjson');
    await writeFile(file, '{"nonsense":1}\n');
    const rejected = `${file}.rejected.ndjson`;
    const written: boolean[] = [];
    // Asked at the beginning, and when the progress is printed: right after it was saved.
    await runImport(options(file), { ...deps(), nowMs: () => written.push(existsSync(rejected)) });
    expect(written).toEqual([false, true]);
    await runImport(options(file, { dryRun: true }), deps());
    expect(await readFile(rejected, 'utf8')).toMatch(/^{"line":1,/);
    expect(await readFile(`${file}.dry-run.rejected.ndjson`, 'utf8')).toMatch(/^{"line":1,/);
  });

  it('stores nothing in a dry run', async () => {
    const file = join(directory, 'dry.ndjson');
    const { lines } = history('dry', 100);
    await writeFile(file, lines.join('\n'));
    expect(await runImport(options(file, { dryRun: true }), deps())).toMatchObject({ accepted: 100, rejected: 0 });
    const bare = join(directory, 'dry-bare.ndjson');
    await writeFile(bare, JSON.stringify({ attemptId: 'dry-1', learnerId: 'dry', courseId: 'c', testId: 't', score: 17, maxScore: 20, completedAt: '2026-01-05T10:00:00Z' }));
    expect(await runImport(options(bare, { dryRun: true, organizationId: 'mistyped' }), deps())).toMatchObject({ accepted: 0, rejected: 1 });
    expect(printed).toMatch(/line 1: organization-unknown/);
    const answer = await fetch(`${url}/v1/organizations/${TEST_ORGANIZATION}/learners/u-${String(claimed - LEARNERS).padStart(6, '0')}/summary`, { headers: { authorization: `Bearer ${TEST_TOKEN}` } });
    expect(answer.status).toBe(404);
  });

  it('goes on after a kill, and a repeat changes nothing', async () => {
    const file = join(directory, 'history.ndjson');
    const { lines, planned } = history('kill', 12_000);
    await writeFile(file, lines.join('\n'));
    const child = spawn(process.execPath, [join(import.meta.dirname, 'kill-fixture.ts'), JSON.stringify(options(file)), join(directory, 'state')], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    child.stdout.on('data', (data: Buffer) => (printed += data.toString()));
    await waitFor('some batches are done', () => printed.split('batch').length > 5, { timeoutMs: 20_000 });
    child.kill('SIGKILL');
    await ended;
    printed = '';
    const resumed = await runImport(options(file), deps());
    expect(printed).toMatch(/^Going on after line [1-9]/);
    expect(resumed).toMatchObject({ lines: 12_000, accepted: 12_000, rejected: 0 });
    expect(await wrongSummaries(planned)).toEqual([]);
    await runImport(options(file, { restart: true }), deps());
    expect(await wrongSummaries(planned)).toEqual([]);
  });
});
