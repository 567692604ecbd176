// One results in this process, on a database of the test's own.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfigurationFile } from '@schoolbell/contracts';
import { createHealth, createLogger, createMetrics } from '@schoolbell/service-kit';
import { TEST_TOKEN, testConfiguration, type TestConfigurationOptions } from '@schoolbell/testing';
import { systemClock, type Clock } from '@schoolbell/time';
import { startResults, type Results } from '../src/service.ts';

/** May only read, and only about `acme`. */
export const READER = 'a-token-that-may-only-read-0123';

export interface Answer<Body = Record<string, unknown>> {
  readonly status: number;
  readonly body: Body;
  readonly text: string;
}

export interface TestResults extends Results {
  configure(options: TestConfigurationOptions): Promise<boolean>;
  operate<Body = Record<string, unknown>>(method: 'GET' | 'POST', path: string, body?: unknown, token?: string): Promise<Answer<Body>>;
  metricsText(): Promise<string>;
  /** Lines that were logged at level error or above. */
  readonly errors: readonly string[];
}

export async function startTestResults(options: {
  databaseUrl: string;
  natsUrl: string;
  configuration?: TestConfigurationOptions;
  clock?: Clock;
}): Promise<TestResults> {
  const { databaseUrl, natsUrl, configuration = {}, clock = systemClock } = options;
  const directory = await mkdtemp(join(tmpdir(), 'results-test-'));
  const path = join(directory, 'schoolbell.json');
  const reader: ConfigurationFile['tokens'][number] = { name: 'reader', secret: { env: 'READER' }, scopes: ['results:read'], organizations: ['acme'] };
  const write = async (next: TestConfigurationOptions): Promise<Readonly<Record<string, string>>> => {
    const { file, env } = testConfiguration(next);
    await writeFile(path, JSON.stringify({ ...file, tokens: [...file.tokens, reader] }));
    return { ...env, READER };
  };
  const secrets = await write(configuration);
  const metrics = createMetrics('results');
  const errors: string[] = [];
  const results = await startResults(
    {
      env: { DATABASE_URL: databaseUrl, NATS_URL: natsUrl, HOST: '127.0.0.1', PORT: 0, LOG_LEVEL: 'silent', SCHOOLBELL_CONFIG: path },
      log: createLogger({ service: 'results', level: 'error', destination: { write: (line) => void errors.push(line) } }),
      metrics,
      health: createHealth(),
    },
    { clock, secrets },
  );
  return {
    ...results,
    errors,
    metricsText: () => metrics.registry.metrics(),
    async configure(next) {
      await write(next);
      return results.reload();
    },
    async operate<Body>(method: 'GET' | 'POST', path: string, body?: unknown, token: string = TEST_TOKEN) {
      const response = await fetch(`${results.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, text, body: JSON.parse(text) as Body };
    },
    async stop() {
      await results.stop();
      await rm(directory, { recursive: true });
    },
  };
}
