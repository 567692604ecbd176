// One ingest in this process, on a database and a NATS server of the test's own, and what a platform would do.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHealth, createLogger, createMetrics } from '@schoolbell/service-kit';
import { parseSecret, sign } from '@schoolbell/standard-webhooks';
import { formatInstant, systemClock } from '@schoolbell/time';
import pg from 'pg';
import { startIngest, type Ingest } from '../src/service.ts';

export const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
export const key = parseSecret(SECRET);
export const TOKEN = 'an-admin-token-of-this-test';

const secrets = {
  PLATFORM: SECRET,
  OTHER: `whsec_${Buffer.alloc(32, 8).toString('base64')}`,
  PASSWORD: 'a-long-enough-password',
  QUARANTINE_KEY: Buffer.alloc(32, 9).toString('base64'),
  OTHER_KEY: Buffer.alloc(32, 10).toString('base64'),
  TOKEN,
  READER: 'a-token-that-may-only-read',
  ACME: 'a-token-that-is-for-acme-alone',
};

const source = (id: string, rest: object = {}) => ({
  id,
  organizations: ['acme', 'globex'],
  authentication: { scheme: 'standard-webhooks', secrets: [{ env: 'PLATFORM' }] },
  ...rest,
});

export const baseConfiguration = {
  organizations: [{ id: 'acme' }, { id: 'globex' }],
  sources: [
    source('platform', { ignoreTypes: ['ping'], ratePerSecond: 100_000 }),
    source('slow', { ratePerSecond: 1 }),
    source('hmac', {
      authentication: { scheme: 'hmac', header: 'x-signature', prefix: 'sha256=', secrets: [{ env: 'PASSWORD' }] },
      eventId: { pointer: '/meta/id' },
      typePointer: '/meta/kind',
      ignoreTypes: ['heartbeat'],
      transform:
        '{"type": "test.completed", "timestamp": at, "data": {"attemptId": attempt, "learnerId": user, "courseId": "c-1", "testId": "t-1", "score": points, "maxScore": 10, "completedAt": at}}',
    }),
    source('bearer', { authentication: { scheme: 'bearer', secrets: [{ env: 'PASSWORD' }] }, eventId: { header: 'x-event-id' } }),
    source('basic', { authentication: { scheme: 'basic', username: 'platform', secrets: [{ env: 'PASSWORD' }] } }),
  ],
  tokens: [
    { name: 'admin', secret: { env: 'TOKEN' }, scopes: ['quarantine:read', 'quarantine:replay', 'dead-letters:read'] },
    { name: 'reader', secret: { env: 'READER' }, scopes: ['quarantine:read'] },
    { name: 'acme', secret: { env: 'ACME' }, scopes: ['quarantine:read', 'quarantine:replay'], organizations: ['acme'] },
  ],
  quarantineKey: { env: 'QUARANTINE_KEY' },
};
export type TestConfiguration = typeof baseConfiguration;

interface Alert {
  readonly kind: string;
  readonly state: string;
  readonly fingerprint: string;
  readonly detail: string;
  readonly labels: Record<string, string>;
}

export interface TestIngest extends Ingest {
  readonly clock: { now(): number; shift(ms: number): void };
  configure(change: (configuration: TestConfiguration) => unknown): Promise<boolean>;
  sql<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>;
  alerts(): Promise<Alert[]>;
  metricsText(): Promise<string>;
  /** Lines that were logged at level error or above. */
  readonly errors: readonly string[];
}

export async function startTestIngest(options: { databaseUrl: string; natsUrl: string; configuration?: object }): Promise<TestIngest> {
  const directory = await mkdtemp(join(tmpdir(), 'ingest-test-'));
  const path = join(directory, 'schoolbell.json');
  await writeFile(path, JSON.stringify(options.configuration ?? baseConfiguration));
  let offsetMs = 0;
  const clock = { now: () => systemClock.now() + offsetMs, shift: (ms: number) => void (offsetMs += ms) };
  const metrics = createMetrics('ingest');
  const errors: string[] = [];
  const ingest = await startIngest(
    {
      env: { DATABASE_URL: options.databaseUrl, NATS_URL: options.natsUrl, HOST: '127.0.0.1', PORT: 0, LOG_LEVEL: 'silent', SCHOOLBELL_CONFIG: path },
      log: createLogger({ service: 'ingest', level: 'error', destination: { write: (line) => void errors.push(line) } }),
      metrics,
      health: createHealth(),
    },
    { clock, secrets },
  );
  const pool = new pg.Pool({ connectionString: options.databaseUrl, options: '-c search_path=ingest', max: 2 });
  pool.on('error', () => undefined);
  const sql = async <Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> => (await pool.query<Row>(text, values)).rows;
  return {
    ...ingest,
    clock,
    sql,
    errors,
    metricsText: () => metrics.registry.metrics(),
    async configure(change) {
      const next = structuredClone(baseConfiguration);
      await writeFile(path, JSON.stringify(change(next) ?? next));
      return ingest.reload();
    },
    async alerts() {
      const rows = await sql<{ body: string }>(`SELECT body FROM outbox WHERE stream = 'ALERTS_INGEST' ORDER BY id`);
      const alerts = rows.map(({ body }) => (JSON.parse(body) as { data: Alert }).data);
      // Every start tells that no configuration is refused.
      const began = alerts.findIndex(({ kind, state }) => kind === 'configuration-refused' && state === 'firing');
      return alerts.filter(({ kind }, index) => kind !== 'configuration-refused' || (began !== -1 && index >= began));
    },
    async stop() {
      await ingest.stop();
      await pool.end();
      await rm(directory, { recursive: true });
    },
  };
}

let counter = 0;
/** A new event id. */
export const nextId = (): string => `evt_${(counter += 1)}`;

export function completed(nowMs: number, data: object = {}, rest: object = {}) {
  return {
    type: 'test.completed',
    timestamp: formatInstant(nowMs),
    data: {
      attemptId: `a-${counter}`,
      learnerId: 'u-000123',
      courseId: 'c-12',
      testId: 't-7',
      score: 17,
      maxScore: 20,
      passed: true,
      completedAt: formatInstant(nowMs - 2000),
      ...data,
    },
    ...rest,
  };
}

export interface Sent {
  readonly status: number;
  /** Content type without parameters. */
  readonly type: string | undefined;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export async function post(url: string, body: string | Uint8Array, headers: Record<string, string>): Promise<Sent> {
  const response = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });
  return toSent(response);
}

export async function toSent(response: Response): Promise<Sent> {
  return {
    status: response.status,
    type: response.headers.get('content-type')?.split(';')[0],
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

export function signedHeaders(id: string, body: string | Uint8Array, nowMs: number): Record<string, string> {
  const timestampSeconds = Math.floor(nowMs / 1000);
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': sign([key], { id, timestampSeconds, body }),
  };
}

/** Sends a signed webhook as the platform does. */
export function send(ingest: TestIngest, event: unknown, options: { id?: string; source?: string } = {}): Promise<Sent> {
  const { id = nextId(), source: to = 'platform' } = options;
  const body = typeof event === 'string' || event instanceof Uint8Array ? event : JSON.stringify(event);
  return post(`${ingest.url}/v1/webhooks/${to}`, body, signedHeaders(id, body, ingest.clock.now()));
}

export async function operate(ingest: TestIngest, method: 'GET' | 'POST', path: string, body?: unknown, token = TOKEN): Promise<Sent> {
  return toSent(
    await fetch(`${ingest.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }),
  );
}
