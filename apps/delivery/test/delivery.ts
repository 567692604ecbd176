// One delivery in this process, on a database of the test's own, told by NATS as results would tell it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfigurationFile } from '@schoolbell/contracts';
import { createHealth, createLogger, createMetrics } from '@schoolbell/service-kit';
import { TEST_DESTINATION, TEST_ORGANIZATION, TEST_TOKEN, testConfiguration, type TestConfigurationOptions } from '@schoolbell/testing';
import pg from 'pg';
import { startDelivery, type Delivery } from '../src/service.ts';

export { TEST_DESTINATION, TEST_ORGANIZATION };
export const READER = 'a-token-that-may-only-read-0123';

/** A summary as results would write it. */
export function summaryBody(learnerId: string, revision: number): string {
  const totals = { score: revision, maxScore: 1_000_000, percent: 85.5, testsCompleted: 1, testsPassed: 1 };
  const data = { organizationId: TEST_ORGANIZATION, learnerId, revision, totals, courses: [], tests: [], lastCompletedAt: null };
  return JSON.stringify({ type: 'learner.summary.updated', timestamp: '2026-11-21T05:30:00.000Z', data });
}

export interface WantedRow {
  readonly destination_id: string;
  readonly kind: string;
  readonly key: string;
  readonly wanted_revision: string;
  readonly sent_revision: string;
  readonly due_at: Date | null;
  readonly lease_until: Date | null;
  readonly parked_at: Date | null;
  readonly not_before: Date | null;
  readonly attempts: number;
  readonly waited_ms: string;
  readonly last_failure: string | null;
  readonly replay_id: string | null;
}

export interface DestinationRow {
  readonly id: string;
  readonly state: string;
  readonly circuit: string;
  readonly circuit_reason: string;
  readonly hold_until: Date | null;
  readonly ramp: number | null;
  readonly generation: string;
  readonly state_reason: string;
}

export interface TestDelivery extends Delivery {
  configure(file: ConfigurationFile): Promise<boolean>;
  operate(method: 'GET' | 'POST', path: string, body?: unknown, token?: string): Promise<{ status: number; body: Record<string, unknown> }>;
  metricsText(): Promise<string>;
  /** Lines that were logged at level error or above. */
  readonly errors: readonly string[];
}

export async function startTestDelivery(options: { databaseUrl: string; natsUrl: string; configuration: TestConfigurationOptions }): Promise<TestDelivery> {
  const directory = await mkdtemp(join(tmpdir(), 'delivery-test-'));
  const path = join(directory, 'schoolbell.json');
  const { file, env } = testConfiguration(options.configuration);
  const reader = { name: 'reader', secret: { env: 'READER' }, scopes: ['delivery:read' as const] };
  const write = (next: ConfigurationFile): Promise<void> => writeFile(path, JSON.stringify({ ...next, tokens: [...next.tokens, reader] }));
  await write(file);
  const metrics = createMetrics('delivery');
  const errors: string[] = [];
  const delivery = await startDelivery(
    {
      env: { DATABASE_URL: options.databaseUrl, NATS_URL: options.natsUrl, HOST: '127.0.0.1', PORT: 0, LOG_LEVEL: 'silent', SCHOOLBELL_CONFIG: path },
      log: createLogger({ service: 'delivery', level: process.env['TEST_LOG'] ?? 'error', destination: { write: (line) => void (process.env['TEST_LOG'] ? process.stderr.write(line) : errors.push(line)) } }),
      metrics,
      health: createHealth(),
    },
    { secrets: { ...env, READER } },
  );
  return {
    ...delivery,
    errors,
    metricsText: () => metrics.registry.metrics(),
    async configure(next) {
      await write(next);
      return delivery.reload();
    },
    async operate(method, path, body, token = TEST_TOKEN) {
      const response = await fetch(`${delivery.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
    async stop() {
      await delivery.stop();
      await rm(directory, { recursive: true });
    },
  };
}

/** A look into the database beside the service. */
export interface Inspector {
  sql<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>;
  wanted(key: string): Promise<WantedRow | undefined>;
  destination(id?: string): Promise<DestinationRow>;
  undelivered(): Promise<number>;
  /** Alerts told so far, as "state fingerprint". */
  alerts(): Promise<string[]>;
  /** Data of the events of a type. */
  events(type: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export function inspect(databaseUrl: string): Inspector {
  const pool = new pg.Pool({ connectionString: databaseUrl, options: '-c search_path=delivery', max: 2 });
  pool.on('error', () => undefined);
  const sql = async <Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> => (await pool.query<Row>(text, values)).rows;
  const told = async () => (await sql<{ body: string }>('SELECT body FROM outbox ORDER BY id')).map(({ body }) => JSON.parse(body) as { type: string; data: Record<string, string> });
  return {
    sql,
    wanted: async (key) => (await sql<WantedRow>('SELECT * FROM wanted WHERE key = $1', [key]))[0],
    async destination(id = TEST_DESTINATION) {
      return (await sql<DestinationRow>('SELECT * FROM destination WHERE id = $1', [id]))[0]!;
    },
    async undelivered() {
      const [row] = await sql<{ count: number }>('SELECT count(*)::int AS count FROM wanted WHERE num_nonnulls(due_at, lease_until, parked_at) > 0');
      return row!.count;
    },
    alerts: async () => (await told()).filter(({ type }) => type === 'alerts.raised.v1').map(({ data }) => `${data['state']} ${data['fingerprint']}`),
    events: async (type) => (await told()).filter((event) => event.type === type).map(({ data }) => data),
    close: () => pool.end(),
  };
}
