// The alarm while the house burns: the database, NATS or a service away, and what is left of it afterwards.
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNats, startPostgres, startTelegram, waitFor, type RunningNats, type RunningPostgres, type TelegramStandIn, type TestDatabase } from '@schoolbell/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseSnapshot } from '../src/emergency/snapshot.ts';
import { LEVEL_EXPIRES_AFTER_MS } from '../src/problems/policy.ts';
import { START_GRACE_MS } from '../src/watch/watch.ts';
import { firing, firstLine, shiftingClock, startReporter, startTestNotifier, type ShiftingClock, type TestNotifier } from './notifier.ts';

/** Promise 6 of the design: within so long the admin knows. */
const ALARM_WITHIN_MS = 10_000;

let postgres: RunningPostgres;
let database: TestDatabase;
let nats: RunningNats;
let telegram: TelegramStandIn;
let notifier: TestNotifier;
let directory: string;
let clock: ShiftingClock;

beforeAll(async () => {
  [postgres, nats] = await Promise.all([startPostgres(), startNats()]);
});

// Every test leaves both servers running.
afterAll(() => Promise.all([postgres.stop(), nats.stop()]));

beforeEach(async () => {
  clock = shiftingClock();
  directory = await mkdtemp(join(tmpdir(), 'notifier-spool-'));
  telegram = await startTelegram({ clock });
  database = await postgres.database(['ingest', 'notifier']);
  notifier = await start();
});

afterEach(async () => {
  await notifier.stop();
  await Promise.all([database.drop(), telegram.stop()]);
  await rm(directory, { recursive: true });
});

const NEXT = 9;
const start = (watch: { service: string; url: string }[] = []): Promise<TestNotifier> =>
  startTestNotifier({ databaseUrl: database.url('notifier'), natsUrl: nats.url, telegram, watch, clock, escalation: [NEXT], spoolFile: join(directory, 'spool.json') });
const headlines = (): string[] => telegram.messages.map(({ text }) => firstLine(text));
const heard = (what: RegExp, chat?: number): boolean => telegram.messages.some(({ text, chatId }) => what.test(text) && (chat === undefined || chatId === String(chat)));
/** An alarm, in the time that the design promises. */
const alarms = (what: RegExp): Promise<unknown> => waitFor(`the admin hears ${what}`, () => heard(what), { timeoutMs: ALARM_WITHIN_MS });
/** Anything else, whenever it comes. */
const hears = (what: RegExp, chat?: number): Promise<unknown> => waitFor(`the admin hears ${what}`, () => heard(what, chat));
/** It is gone, not only silent: nobody takes a connection. */
async function isGone({ port }: { port: number }): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return false;
  } catch {
    return true;
  } finally {
    socket.destroy();
  }
}
const stopped = async (...servers: (RunningPostgres | RunningNats)[]): Promise<void> => {
  await Promise.all(servers.map((server) => server.stop()));
  expect(await Promise.all(servers.map(isGone))).toEqual(servers.map(() => true));
};
const about = (kind: string): string[] => telegram.messages.map(({ text }) => text).filter((text) => text.includes(kind));
/** What was well once is in trouble with its next failures, without the grace of the start. */
const seen = (watch: string): Promise<unknown> => waitFor(`${watch} is well`, async () => new RegExp(`notifier_watch_up\\{[^}]*watch="${watch}[^}]*\\} 1`).test(await notifier.metricsText()));
/** It looked well once: from then on a failure is a failure. */
const settled = (): Promise<unknown> => waitFor('the database was seen well', async () => (await notifier.sql(`SELECT 1 FROM problem`)) !== undefined);

describe('with Postgres stopped', () => {
  it('the alarm is told within 10 seconds, its end once, and all of it is stored afterwards', async () => {
    await settled();
    await stopped(postgres);
    await alarms(/🔴 critical · database-down · notifier/);
    expect((await notifier.get('/health/ready')).body.status).toBe('degraded');
    await waitFor('the spool has it', () => existsSync(notifier.spoolFile));
    await postgres.restart();
    await hears(/✅ resolved · database-down · notifier/);
    expect(about('database-down')).toHaveLength(2);
    await waitFor('nothing is left in the spool', () => !existsSync(notifier.spoolFile));
    expect(await notifier.sql('SELECT fingerprint, state, told, untold FROM problem WHERE total > 0')).toEqual([
      { fingerprint: 'database-down:notifier', state: 'resolved', told: 'resolved', untold: 0 },
    ]);
    const messages = await waitFor('both messages are on record', async () => {
      const rows = await notifier.sql<{ text: string }>(`SELECT text FROM message WHERE state = 'sent' ORDER BY id`);
      return rows.length === 2 && rows;
    });
    expect(messages.map(({ text }) => text)).toEqual(about('database-down'));
  });

  it('killed in the middle of everything, the same', async () => {
    await settled();
    await postgres.kill('SIGKILL');
    await alarms(/🔴 critical · database-down · notifier/);
    await postgres.restart();
    await hears(/✅ resolved · database-down · notifier/);
    expect(about('database-down')).toHaveLength(2);
  });

  it('what nobody can acknowledge goes to the next chat all the same', async () => {
    await settled();
    await stopped(postgres);
    await alarms(/🔴 critical · database-down · notifier/);
    const reportedSince = (sinceMs: number): boolean => parseSnapshot(readFileSync(notifier.spoolFile, 'utf8'))!.problems.some(({ lastAtMs }) => lastAtMs >= sinceMs);
    for (let minute = 0; minute < 15; minute += 1) {
      clock.shift(60_000);
      const sinceMs = clock.now();
      await waitFor('the alert is repeated', () => reportedSince(sinceMs));
    }
    await hears(/🔴 not acknowledged, critical · database-down · notifier/, NEXT);
    await postgres.restart();
    await hears(/✅ resolved · database-down · notifier/, NEXT);
  });

  it('what other services report directly is told too', async () => {
    const reporter = startReporter({ databaseUrl: database.url('ingest'), natsUrl: nats.url });
    await waitFor('the reporter is connected', () => reporter.messaging.nats.connected());
    await settled();
    await stopped(postgres);
    await Promise.all([alarms(/database-down · ingest/), alarms(/database-down · notifier/)]);
    await postgres.restart();
    await hears(/✅ resolved · database-down · ingest/);
    await reporter.stop();
  });

  it('and Telegram away as well, nothing is lost: not even with the process killed meanwhile', async () => {
    await settled();
    await telegram.close();
    await postgres.stop();
    await waitFor('the spool has the message', () => existsSync(notifier.spoolFile), { timeoutMs: ALARM_WITHIN_MS });
    await notifier.stop();
    expect(telegram.messages).toEqual([]);
    // Another life, still without a database.
    notifier = await start();
    await telegram.listen();
    await hears(/🔴 critical · database-down · notifier/);
    expect(about('🔴 critical · database-down · notifier')).toHaveLength(1);
    await postgres.restart();
    await hears(/✅ resolved · database-down · notifier/);
  });
});

describe('with NATS stopped', () => {
  it('the alarm is told within 10 seconds, and its end', async () => {
    await settled();
    await seen('watch-nats');
    await stopped(nats);
    await alarms(/🔴 critical · nats-down/);
    await nats.restart();
    await hears(/✅ resolved · nats-down/);
    expect(headlines().filter((line) => line.includes('nats-down'))).toHaveLength(2);
  });

  it('and Postgres stopped too, both are told', async () => {
    await settled();
    await seen('watch-nats');
    await stopped(nats, postgres);
    await Promise.all([alarms(/nats-down/), alarms(/database-down/)]);
    await Promise.all([nats.restart(), postgres.restart()]);
    await waitFor('both are told to be over', async () => (await notifier.sql(`SELECT 1 FROM problem WHERE state = 'resolved' AND total > 0`)).length === 2);
  });
});

describe('a service that is not ready', () => {
  let answer = 200;
  let server: Server;

  beforeEach(async () => {
    answer = 200;
    server = createServer((_request, response) => {
      if (answer !== 0) response.writeHead(answer, { 'content-type': 'application/problem+json' }).end(JSON.stringify({ detail: 'database: not asked yet' }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await notifier.stop();
    const { port } = server.address() as AddressInfo;
    notifier = await start([{ service: 'results', url: `http://127.0.0.1:${port}/health/ready` }]);
  });

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it.each([
    ['answers 503', 503, /service-down · results[^]*It answers 503: database: not asked yet/],
    ['hangs', 0, /service-down · results[^]*no answer within 2000 ms/],
  ])('because it %s is told, and its recovery', async (_name, status, text) => {
    await seen('watch-results');
    answer = status;
    await hears(text);
    answer = 200;
    await hears(/✅ resolved · service-down · results/);
    expect(about('service-down')).toHaveLength(2);
  });
});

describe('everything else', () => {
  it('is told within 10 seconds too, with both servers stopped', async () => {
    const service = createServer((_request, response) => void response.writeHead(503).end('no disk')).listen(0, '127.0.0.1');
    await once(service, 'listening');
    await settled();
    await seen('watch-nats');
    await stopped(nats, postgres);
    await Promise.all([alarms(/nats-down/), alarms(/database-down/)]);
    await notifier.stop();
    // Begins without either of them, and had no time yet to see the service well.
    notifier = await start([{ service: 'results', url: `http://127.0.0.1:${(service.address() as AddressInfo).port}/health/ready` }]);
    clock.shift(START_GRACE_MS);
    await alarms(/service-down · results[^]*It answers 503: no disk/);
    await Promise.all([nats.restart(), postgres.restart()]);
    service.closeAllConnections();
    await new Promise((resolve) => service.close(resolve));
  });
});

describe('a level', () => {
  it('that nobody repeats any more is told to be over', async () => {
    const reporter = startReporter({ databaseUrl: database.url('ingest'), natsUrl: nats.url });
    await waitFor('the reporter is connected', () => reporter.messaging.nats.connected());
    const report = () => reporter.messaging.alerts.raiseDirect(firing('x', { kind: 'database-down', fingerprint: 'database-down:ingest' }));
    await waitFor('somebody listens', () => {
      report();
      return telegram.messages.length > 0;
    });
    await hears(/🔴 critical · database-down · ingest/);
    await reporter.stop();
    clock.shift(LEVEL_EXPIRES_AFTER_MS + 1_000);
    await hears(/✅ resolved · database-down · ingest[^]*Nobody reports it any more/);
  });
});
