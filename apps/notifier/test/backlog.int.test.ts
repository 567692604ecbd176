// What is to be told waits: the admin hears of it where he can be reached, and of its end.
import { startNats, startTelegram, testDatabase, waitFor, type RunningNats, type TelegramStandIn, type TestDatabase } from '@schoolbell/testing';
import { formatInstant } from '@schoolbell/time';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BACKLOG_AFTER_MS } from '../src/watch/backlog-probe.ts';
import { alertsIn, firing, shiftingClock, startReporter, startTestNotifier, sum, type Reporter, type ShiftingClock, type TestNotifier } from './notifier.ts';

const MINUTE_MS = 60_000;
const [GROUP, PERSON, NEXT] = [-5, 1, 8];
/** A queue is looked at every few seconds, and twenty looks in a row must find it old. */
const PATIENCE = { timeoutMs: 120_000 };
const TEST_TIMEOUT_MS = 400_000;

let database: TestDatabase;
let nats: RunningNats;
let telegram: TelegramStandIn;
let clock: ShiftingClock;
let reporter: Reporter;
let notifier: TestNotifier;

beforeEach(async () => {
  clock = shiftingClock();
  [database, nats, telegram] = await Promise.all([testDatabase(['ingest', 'notifier']), startNats(), startTelegram({ clock })]);
  reporter = startReporter({ databaseUrl: database.url('ingest'), natsUrl: nats.url, clock });
  notifier = await startTestNotifier({ databaseUrl: database.url('notifier'), natsUrl: nats.url, telegram, clock, chats: [GROUP, PERSON], escalation: [NEXT] });
});
afterEach(async () => {
  await Promise.all([reporter.stop(), notifier.stop()]);
  await Promise.all([database.drop(), nats.stop(), telegram.stop()]);
});

const textsIn = (chat: number): string[] => telegram.messages.filter(({ chatId }) => chatId === String(chat)).map(({ text }) => text);
const heard = (chat: number, what: RegExp): boolean => textsIn(chat).some((text) => what.test(text));
const hears = (chat: number, what: RegExp): Promise<true> => waitFor(`chat ${chat} hears ${what}`, () => heard(chat, what), PATIENCE);

/** A minute in which the backlog is seen to go on, or until it need not be. */
async function minuteOr(over: () => boolean): Promise<void> {
  clock.shift(MINUTE_MS);
  const since = formatInstant(clock.now());
  await waitFor('the backlog is reported again', async () => over() || (await notifier.sql(`SELECT 1 FROM problem WHERE kind = 'notifier-backlog' AND last_at >= $1`, [since])).length === 1);
}

describe('a chat that cannot be reached', () => {
  it('is told to the others, to the next one in the line, and to all when it has caught up', async () => {
    telegram.setFault({ kind: 'refuse', status: 403, description: 'Forbidden: bot was kicked from the supergroup chat' }, GROUP);
    for (let count = 0; count < 30; count += 1) await reporter.raise(firing(`s-${count}`, { severity: 'warning' }));
    await waitFor('the other chat has heard all', () => {
      clock.shift(100);
      return sum(textsIn(PERSON).map(alertsIn)) === 30;
    });
    clock.shift(BACKLOG_AFTER_MS);
    await hears(PERSON, /🔴 critical · notifier-backlog · notifier[^]*has waited [34] minutes to be told/);
    expect((await notifier.get('/health/ready')).body).toMatchObject({ status: 'degraded' });

    for (let minute = 0; minute < 16 && !heard(NEXT, /./); minute += 1) await minuteOr(() => false);
    await hears(NEXT, /not acknowledged, critical · notifier-backlog/);
    expect(textsIn(GROUP)).toEqual([]);

    telegram.setFault(undefined, GROUP);
    const caughtUp = (): boolean => sum(textsIn(GROUP).map(alertsIn)) >= 30;
    for (let minute = 0; minute < 20 && !caughtUp(); minute += 1) await minuteOr(caughtUp);
    await Promise.all([GROUP, PERSON, NEXT].map((chat) => hears(chat, /✅ resolved · notifier-backlog[^]*All is well again/)));
  }, TEST_TIMEOUT_MS);
});

describe('a consumer that takes in nothing', () => {
  it('is told past the table that holds it up, and its end', async () => {
    const holder = new pg.Client({ connectionString: database.url('notifier'), options: '-c search_path=notifier' });
    await holder.connect();
    try {
      await holder.query('BEGIN; LOCK TABLE alert IN SHARE MODE');
      await reporter.raise(firing('held'));
      await waitFor('the admin hears of it', () => {
        clock.shift(200);
        return heard(PERSON, /notifier-backlog · notifier[^]*notifier-alerts-ingest has taken in no alert for \d+ minutes/);
      }, PATIENCE);
      expect(heard(PERSON, /held is silent/)).toBe(false);
    } finally {
      await holder.end();
    }
    await hears(PERSON, /held is silent/);
    await hears(PERSON, /✅ resolved · notifier-backlog[^]*All is well again/);
  }, TEST_TIMEOUT_MS);
});
