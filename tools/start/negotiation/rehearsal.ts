import { randomBytes } from 'node:crypto';
import { onDatabase, prepareDatabase, serviceDatabaseUrl } from '@schoolbell/local-stack';
import { startScheduling } from '@schoolbell/scheduling/service';
import { createHealth, createLogger, createMetrics, signPersonToken } from '@schoolbell/service-kit';
import type { PersonRole } from '@schoolbell/contracts';
import { ManualClock } from '@schoolbell/time';
import pg from 'pg';

/**
 * A scheduling service of its own in this process, on a throwaway database, with a clock that stands until it is moved.
 * The running system knows nothing of it: no message leaves it, because its NATS is an address where nobody listens.
 */
const NOWHERE = 'nats://127.0.0.1:9';
const TOKEN_TTL_SECONDS = 3600;
const ANSWER_TIMEOUT_MS = 10_000;

export interface RehearsalOptions {
  readonly adminUrl: string;
  /** A valid configuration file, and the environment that holds its secrets. */
  readonly configuration: string;
  readonly secrets: Readonly<Record<string, string | undefined>>;
  readonly now: string;
}

export interface Rehearsal {
  readonly clock: ManualClock;
  /** A call over HTTP as somebody; throws unless it is answered 2xx. */
  call(as: readonly [id: string, role: PersonRole], method: string, path: string, body?: object): Promise<unknown>;
  /** Ends it and drops its database. */
  stop(): Promise<void>;
}

export async function openRehearsal({ adminUrl, configuration, secrets, now }: RehearsalOptions): Promise<Rehearsal> {
  const database = `schoolbell_rehearsal_${randomBytes(6).toString('hex')}`;
  const jwtSecret = randomBytes(32).toString('base64url');
  const clock = new ManualClock(now);
  const drop = () => dropDatabase(adminUrl, database);
  try {
    await prepareDatabase({ adminUrl, database, services: ['scheduling'] });
    const service = await startScheduling(
      {
        env: {
          DATABASE_URL: serviceDatabaseUrl(adminUrl, 'scheduling', database), NATS_URL: NOWHERE, HOST: '127.0.0.1', PORT: 0, LOG_LEVEL: 'silent',
          SCHOOLBELL_CONFIG: configuration, SCHEDULING_JWT_SECRET: jwtSecret, SCHEDULING_JWKS_URL: undefined,
          SCHEDULING_JWT_ISSUER: undefined, SCHEDULING_JWT_AUDIENCE: undefined,
        },
        log: createLogger({ service: 'scheduling', level: 'silent' }),
        metrics: createMetrics('scheduling'),
        health: createHealth(),
      },
      { clock, secrets },
    );
    return {
      clock,
      call: (as, method, path, body) => send(service.url + path, { method, token: () => tokenOf(as, jwtSecret, clock.now()), body }),
      async stop() {
        await service.stop();
        await drop();
      },
    };
  } catch (error) {
    await drop();
    throw error;
  }
}

const tokenOf = ([id, role]: readonly [string, PersonRole], secret: string, now: number): Promise<string> =>
  signPersonToken({ id, role }, secret, now, TOKEN_TTL_SECONDS);

async function send(url: string, { method, token, body }: { method: string; token: () => Promise<string>; body?: object | undefined }): Promise<unknown> {
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${await token()}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    body: body === undefined ? null : JSON.stringify(body),
    signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(`${method} ${url} was answered ${response.status}: ${JSON.stringify(answer)}`);
  return answer;
}

async function dropDatabase(adminUrl: string, database: string): Promise<void> {
  const client = new pg.Client({ connectionString: onDatabase(adminUrl, 'postgres'), connectionTimeoutMillis: ANSWER_TIMEOUT_MS });
  await client.connect();
  try {
    await client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(database)} WITH (FORCE)`);
  } finally {
    await client.end();
  }
}
