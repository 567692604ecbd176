// One notifier in this process, on servers of the test's own, and a service that raises alerts.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServiceName } from '@schoolbell/contracts';
import { createMessaging, type Messaging, type NewAlert } from '@schoolbell/messaging';
import { createDatabase, createHealth, createLogger, createMetrics, type Database } from '@schoolbell/service-kit';
import { waitFor, type TelegramStandIn } from '@schoolbell/testing';
import { systemClock, type Clock } from '@schoolbell/time';
import pg from 'pg';
import { startNotifier, type Notifier } from '../src/service.ts';

export const TOKEN = 'an-admin-token-of-this-test';
export const WEBHOOK_SECRET = 'what_Telegram-sends';
export const JWT_SECRET = 'a-shared-secret-of-the-tests-only-0123456789';

/** The machine's clock, which a test can put forward. */
export interface ShiftingClock extends Clock {
  shift(ms: number): void;
}

export function shiftingClock(): ShiftingClock {
  let offsetMs = 0;
  return { now: () => systemClock.now() + offsetMs, shift: (ms) => void (offsetMs += ms) };
}

export interface TestNotifier extends Notifier {
  readonly spoolFile: string;
  /** Lines that were logged at level warn or above. */
  readonly lines: readonly string[];
  sql<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>;
  metricsText(): Promise<string>;
  /** With the admin's token. The body is what the test says it is. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  get<Body = any>(path: string): Promise<{ status: number; body: Body }>;
  post(path: string, body?: object): Promise<{ status: number; body: Record<string, unknown> }>;
  /** Another configuration; what is not given stays. */
  configure(telegram: object, further?: object): Promise<boolean>;
}

export async function startTestNotifier(options: {
  databaseUrl: string;
  natsUrl: string;
  telegram?: TelegramStandIn;
  chats?: readonly (string | number)[];
  escalation?: readonly (string | number)[];
  watch?: readonly { service: string; url: string }[];
  clock?: Clock;
  spoolFile?: string;
  /** Who may act, in chats that then take commands. Absent: nobody, and no buttons. */
  users?: readonly { id: number; name: string }[];
  /** Further parts of `telegram`. */
  telegramParts?: object;
  heartbeatUrl?: string;
  /** Further parts of the configuration file, and what they name. */
  configuration?: object;
  secrets?: Readonly<Record<string, string>>;
  mailFolder?: string;
}): Promise<TestNotifier> {
  const { databaseUrl, natsUrl, telegram, chats = [1], escalation = [], watch = [], clock = systemClock } = options;
  const directory = await mkdtemp(join(tmpdir(), 'notifier-test-'));
  const path = join(directory, 'schoolbell.json');
  const spoolFile = options.spoolFile ?? join(directory, 'spool.json');
  const commands = options.users !== undefined;
  const bot = telegram && {
    botToken: { env: 'BOT' },
    apiRoot: telegram.apiRoot,
    chats: [...chats.map((id) => ({ id, name: `chat ${id}`, commands })), ...escalation.map((id) => ({ id, name: `chat ${id}`, escalation: true, commands }))],
    users: options.users ?? [],
    ...options.telegramParts,
  };
  const heartbeat = options.heartbeatUrl === undefined ? {} : { heartbeat: { url: { env: 'HEARTBEAT' } } };
  const write = (part: object, further = options.configuration): Promise<void> =>
    writeFile(path, JSON.stringify({ ...further, telegram: part, watch, ...heartbeat, tokens: [{ name: 'admin', secret: { env: 'TOKEN' }, scopes: ['alerts:read', 'alerts:control', 'dead-letters:read', 'dead-letters:replay', 'contacts:read', 'contacts:write'] }] }));
  await write(bot ?? {});
  const metrics = createMetrics('notifier');
  const lines: string[] = [];
  const notifier = await startNotifier(
    {
      env: { DATABASE_URL: databaseUrl, NATS_URL: natsUrl, HOST: '127.0.0.1', PORT: 0, LOG_LEVEL: 'silent', SCHOOLBELL_CONFIG: path, SPOOL_FILE: spoolFile, NOTIFIER_JWT_SECRET: JWT_SECRET, MAIL_FOLDER: options.mailFolder },
      log: createLogger({ service: 'notifier', level: 'warn', destination: { write: (line) => void lines.push(line) } }),
      metrics,
      health: createHealth(),
    },
    { clock, secrets: { TOKEN, BOT: telegram?.token, HEARTBEAT: options.heartbeatUrl, WEBHOOK_SECRET, ...options.secrets } },
  );
  const pool = new pg.Pool({ connectionString: databaseUrl, options: '-c search_path=notifier', max: 2 });
  pool.on('error', () => undefined);
  return {
    ...notifier,
    spoolFile,
    lines,
    sql: async <Row extends object>(text: string, values: unknown[] = []) => (await pool.query<Row>(text, values)).rows,
    metricsText: () => metrics.registry.metrics(),
    async get<Body>(url: string) {
      const response = await fetch(`${notifier.url}${url}`, { headers: { authorization: `Bearer ${TOKEN}` } });
      return { status: response.status, body: (await response.json()) as Body };
    },
    async post(url, body = {}) {
      const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
      const response = await fetch(`${notifier.url}${url}`, { method: 'POST', headers, body: JSON.stringify(body) });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
    async configure(part, further) {
      await write(part, further);
      return notifier.reload();
    },
    async stop() {
      await notifier.stop();
      await pool.end();
      await rm(directory, { recursive: true });
    },
  };
}

/** A service that has nothing to do but raise alerts. */
export interface Reporter {
  readonly db: Database;
  readonly messaging: Messaging;
  /** Bytes on the alert stream that no outbox has written. */
  publish(body: string): Promise<void>;
  /** In one transaction each, through the outbox and the stream. */
  raise(...alerts: NewAlert[]): Promise<void>;
  stop(): Promise<void>;
}

export function startReporter(options: { databaseUrl: string; natsUrl: string; clock?: Clock; service?: Exclude<ServiceName, 'notifier'> }): Reporter {
  const { databaseUrl, natsUrl, clock = systemClock, service = 'ingest' } = options;
  const log = createLogger({ service, level: 'silent' });
  const metrics = createMetrics(service);
  const db = createDatabase({ url: databaseUrl, schema: service, log, metrics });
  const messaging = createMessaging({ service, databaseUrl, natsUrl, db, streams: [], clock, log, metrics, health: createHealth() });
  messaging.start();
  return {
    db,
    messaging,
    async publish(body) {
      const send = () => messaging.nats.current()?.jetstream.publish(`alerts.${service}.raised`, body);
      await waitFor('the stream takes a message', async () => (await send()) !== undefined);
    },
    async raise(...alerts) {
      // A machine that is busy with other tests may be too late for a connection.
      await waitFor('the alerts are raised', async () => {
        await db.transaction((tx) => messaging.alerts.raise(tx, alerts));
        return true;
      });
    },
    async stop() {
      await messaging.stop();
      await db.close();
    },
  };
}

export const firing = (subject: string, more: Partial<NewAlert> = {}): NewAlert => ({
  fingerprint: `source-silent:${subject}`,
  kind: 'source-silent',
  state: 'firing',
  severity: 'critical',
  title: `The source ${subject} is silent`,
  detail: `Nothing came from ${subject} for an hour.`,
  ...more,
});
export const resolved = (subject: string, more: Partial<NewAlert> = {}): NewAlert => firing(subject, { state: 'resolved', detail: 'It speaks again.', ...more });

export const firstLine = (text: string): string => text.split('\n', 1)[0]!;
/** The number of alerts that a message tells of. */
export const alertsIn = (text: string): number => Number(/(\d+)(?: more)? alerts?$/.exec(firstLine(text))?.[1]);
export const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
