// Mails as a test of the notifier sees them: servers of the test's own, the people, and what has arrived.
import { createDatabase, createLogger, createMetrics, signPersonToken, type Database } from '@schoolbell/service-kit';
import { startNats, testDatabase, waitFor, type RunningNats, type TestDatabase } from '@schoolbell/testing';
import { afterEach, beforeEach } from 'vitest';
import { startMailServer, type MailServer } from './mail-server.ts';
import { JWT_SECRET, shiftingClock, startTestNotifier, type ShiftingClock, type TestNotifier } from './notifier.ts';
import { callAs } from './people.ts';
import { startTimetable, type Timetable } from './timetable.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const LINK_KEY = Buffer.alloc(32, 'links').toString('base64');
export const ADDRESSES = { tom: 'tom@people.example', anna: 'anna@people.example', pavel: 'pavel@people.example' };
export const SENDER = { from: 'lessons@school.example', name: 'School', replyTo: 'office@school.example' };
const TIMEOUT_MS = 5_000;
export const LEASE_MS = 3 * TIMEOUT_MS + 10_000;
export const smtp = (port: number) => ({ host: '127.0.0.1', port, tls: 'none', timeoutMs: TIMEOUT_MS });

/** New for each test. A test may put another server in its place. */
export interface MailStage {
  database: TestDatabase;
  nats: RunningNats;
  clock: ShiftingClock;
  timetable: Timetable;
  server: MailServer;
  /** A notifier that writes to the server. It is stopped after the test. */
  start(options?: { mail?: object; mailFolder?: string; publicUrl?: string }): Promise<TestNotifier>;
  /** The notifier's, for what it does not do itself. */
  openDatabase(): Database;
  arrived(count: number, address?: string): Promise<true>;
  /** Once what has arrived is marked too: a mark that is made after the shift would count from then on. */
  later(notifier: TestNotifier, ms: number): Promise<void>;
  /** What a reader sees of the mails about their notices, newest first. */
  mailStates(notifier: TestNotifier, id: string): Promise<(string | null)[]>;
}

/** The stage of all tests of the file that calls it. */
export function mailStage(): MailStage {
  const running: TestNotifier[] = [];
  const stage = {
    async start({ publicUrl = 'https://school.example/notify', ...options } = {}) {
      const notifier = await startTestNotifier({
        databaseUrl: stage.database.url('notifier'), natsUrl: stage.nats.url, clock: stage.clock, ...options,
        configuration: { mail: options.mail ?? { ...SENDER, smtp: smtp(stage.server.port) }, publicUrl, linkKeys: [{ env: 'LINK_KEY' }] },
        secrets: { LINK_KEY },
      });
      running.push(notifier);
      return notifier;
    },
    openDatabase: () =>
      createDatabase({ url: stage.database.url('notifier'), schema: 'notifier', log: createLogger({ service: 'notifier', level: 'silent' }), metrics: createMetrics('notifier') }),
    arrived: (count, address) =>
      waitFor(`${count} mails${address === undefined ? '' : ` for ${address}`}`, () => (address === undefined ? stage.server.mails : stage.server.to(address)).length >= count),
    async later(notifier, ms) {
      await waitFor('every mail is marked', async () => (await notifier.sql(`SELECT 1 FROM mail WHERE state = 'pending'`)).length === 0);
      stage.clock.shift(ms);
    },
    async mailStates({ url }, id) {
      const person = { id, role: 'student' } as const;
      const authorization = `Bearer ${await signPersonToken(person, JWT_SECRET, stage.clock.now(), 3_600)}`;
      const { body } = await callAs(url, person, 'GET', '/v1/inbox', undefined, { authorization });
      return body.items.map(({ mail }: { mail: string | null }) => mail);
    },
  } as MailStage;

  beforeEach(async () => {
    stage.clock = shiftingClock();
    [stage.database, stage.nats, stage.server] = await Promise.all([testDatabase(['scheduling', 'notifier']), startNats(), startMailServer()]);
    stage.timetable = startTimetable({ databaseUrl: stage.database.url('scheduling'), natsUrl: stage.nats.url, clock: stage.clock });
  });
  afterEach(async () => {
    await Promise.all([stage.timetable.stop(), ...running.splice(0).map((one) => one.stop())]);
    await Promise.all([stage.database.drop(), stage.nats.stop(), stage.server.stop()]);
  });
  return stage;
}

export const introduce = (notifier: TestNotifier, people: Record<string, string> = ADDRESSES, names: Record<string, string> = { tom: 'Tom', anna: 'Anna', pavel: 'Павел' }) =>
  Promise.all(Object.entries(people).map(([id, email]) =>
    notifier.sql(`INSERT INTO contact (participant_id, name, email, created_at, updated_at) VALUES ($1, $2, $3, now(), now())`, [id, names[id] ?? id, email])));
export const queued = (notifier: TestNotifier, count: number): Promise<true> =>
  waitFor(`${count} items are queued`, async () => (await notifier.sql('SELECT 1 FROM mail_item')).length >= count);
export const awayAttempts = async (notifier: TestNotifier): Promise<number> =>
  Number(/mail_attempts_total\{.*outcome="server-away".*\} (\d+)/.exec(await notifier.metricsText())?.[1] ?? 0);
export const mailbox = async (notifier: TestNotifier, id: string) => (await notifier.get(`/v1/mailboxes/${id}`)).body;
