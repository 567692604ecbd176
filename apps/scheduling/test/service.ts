import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHealth, createLogger, createMetrics, signPersonToken } from '@schoolbell/service-kit';
import { testConfiguration, testDatabase } from '@schoolbell/testing';
import { ManualClock } from '@schoolbell/time';
import pg from 'pg';
import type { Role } from '../src/packages/kinds.ts';
import { startScheduling } from '../src/service.ts';

export const JWT_SECRET = 'a-shared-secret-of-the-tests-only-0123456789';
const HOUR_S = 3600;

export interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly headers: Headers;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}

/** One scheduling service in this process on a database and a clock of the test's own. NATS stays away unless it is named. */
export interface TestScheduling {
  readonly url: string;
  readonly clock: ManualClock;
  /** A call as somebody; null: without a token. */
  call(as: readonly [id: string, role: Role] | null, method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  sql<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>;
  readonly errors: readonly string[];
  stop(): Promise<void>;
}

export async function startTestScheduling(now: string, natsUrl = 'nats://127.0.0.1:9', makeDatabase = () => testDatabase('scheduling')): Promise<TestScheduling> {
  const database = await makeDatabase();
  const directory = await mkdtemp(join(tmpdir(), 'scheduling-test-'));
  const path = join(directory, 'schoolbell.json');
  const configuration = testConfiguration();
  await configuration.write(path);
  const clock = new ManualClock(now);
  const errors: string[] = [];
  const service = await startScheduling(
    {
      env: {
        DATABASE_URL: database.url('scheduling'), NATS_URL: natsUrl, HOST: '127.0.0.1', PORT: 0, LOG_LEVEL: 'silent',
        SCHOOLBELL_CONFIG: path, SCHEDULING_JWT_SECRET: JWT_SECRET, SCHEDULING_JWKS_URL: undefined, SCHEDULING_JWT_ISSUER: undefined,
        SCHEDULING_JWT_AUDIENCE: undefined,
      },
      log: createLogger({ service: 'scheduling', level: 'error', destination: { write: (line) => void errors.push(line) } }),
      metrics: createMetrics('scheduling'),
      health: createHealth(),
    },
    { clock, secrets: configuration.env },
  );
  const pool = new pg.Pool({ connectionString: database.url('scheduling'), options: '-c search_path=scheduling', max: 2 });
  pool.on('error', () => undefined);
  return {
    url: service.url,
    clock,
    errors,
    sql: async <Row extends object>(text: string, values: unknown[] = []) => (await pool.query<Row>(text, values)).rows,
    async call(as, method, target, body, headers = {}) {
      const token = as === null ? undefined : await signPersonToken({ id: as[0], role: as[1] }, JWT_SECRET, clock.now(), HOUR_S);
      const response = await fetch(service.url + target, {
        method,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        body: body === undefined ? null : JSON.stringify(body),
      });
      const text = await response.text();
      const type = response.headers.get('content-type')?.split(';')[0] ?? null;
      return { status: response.status, type, headers: response.headers, body: type?.endsWith('json') === true ? JSON.parse(text) : text };
    },
    async stop() {
      await service.stop();
      await pool.end();
      await database.drop();
      await rm(directory, { recursive: true });
    },
  };
}
