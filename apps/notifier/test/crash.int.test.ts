// kill -9 between an effect and its confirmation: what was done, said or asked for is there once more at most.
import { deliveryControl, deliveryReplay } from '@schoolbell/contracts';
import { connectNats, serve, type Nats } from '@schoolbell/messaging';
import { createLogger } from '@schoolbell/service-kit';
import { startNats, startTelegram, testDatabase, waitFor, type RunningNats, type SentMessage, type TelegramStandIn, type TestDatabase } from '@schoolbell/testing';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CONFIRM_WITHIN_MS } from '../src/acts/confirmation.ts';
import { LEASE_MS } from '../src/telegram/queue.ts';
import { firing, shiftingClock, startReporter, startTestNotifier, type Reporter, type ShiftingClock, type TestNotifier } from './notifier.ts';
import { spawnNotifier, type NotifierProcess } from './process.ts';

const ANNA = { id: 7, name: 'Anna' };
const GROUP = -5;
const log = createLogger({ service: 'delivery', level: 'silent' });

let database: TestDatabase;
let nats: RunningNats;
let telegram: TelegramStandIn;
let clock: ShiftingClock;
let reporter: Reporter;
let delivery: Nats;
let look: pg.Pool;
let victim: NotifierProcess;
let survivor: TestNotifier | undefined;
let stops: (() => void)[];
/** What delivery was asked to do, dry runs aside. */
let done: { act: string; key?: string }[];
/** Happens in delivery once it has done something, before it says so. */
let meanwhile: () => Promise<void>;

beforeEach(async () => {
  clock = shiftingClock();
  survivor = undefined;
  done = [];
  meanwhile = () => Promise.resolve();
  [database, nats, telegram] = await Promise.all([testDatabase(['ingest', 'notifier']), startNats(), startTelegram({ clock })]);
  reporter = startReporter({ databaseUrl: database.url('ingest'), natsUrl: nats.url, clock });
  delivery = connectNats({ url: nats.url, name: 'delivery', log });
  look = new pg.Pool({ connectionString: database.url('notifier'), options: '-c search_path=notifier', max: 2 });
  stops = [
    serve({ nats: delivery, log }, deliveryReplay, async ({ dryRun, key }) => {
      if (!dryRun) await act({ act: 'replay', key });
      return { matched: 12 };
    }),
    serve({ nats: delivery, log }, deliveryControl, async ({ action }) => {
      await act({ act: action });
      return { changed: 1, total: 1 };
    }),
  ];
  await waitFor('delivery is connected', () => delivery.connected());
  const bot = { botToken: { env: 'BOT' }, apiRoot: telegram.apiRoot, chats: [{ id: GROUP, name: 'on-call', commands: true }], users: [ANNA] };
  victim = await spawnNotifier({ ...servers(), configuration: { telegram: bot }, secrets: { BOT: telegram.token } });
});
afterEach(async () => {
  for (const stop of stops) stop();
  await victim.kill();
  await Promise.all([reporter.stop(), survivor?.stop(), delivery.close(), look.end()]);
  await Promise.all([database.drop(), nats.stop(), telegram.stop()]);
});

const servers = () => ({ databaseUrl: database.url('notifier'), natsUrl: nats.url });
async function act(one: { act: string; key?: string }): Promise<void> {
  done.push(one);
  await meanwhile();
}
const said = (what: RegExp): Promise<SentMessage> => waitFor(`the bot says ${what}`, () => telegram.messages.findLast(({ text }) => what.test(text)));
const marked = (): Promise<unknown> => waitFor('every message is marked', async () => (await look.query(`SELECT 1 FROM message WHERE state = 'pending'`)).rows.length === 0);
const times = (what: RegExp): number => telegram.messages.filter(({ text }) => what.test(text)).length;
const actions = async () => (await look.query<{ kind: string; detail: string }>('SELECT kind, detail FROM action ORDER BY id')).rows;
async function takeOver(afterMs = 0): Promise<void> {
  clock.shift(afterMs);
  survivor = await startTestNotifier({ ...servers(), telegram, clock, chats: [GROUP], users: [ANNA] });
}
const settled = (): Promise<unknown> => waitFor('every update is confirmed', () => telegram.unconfirmed().length === 0);
async function question(): Promise<SentMessage> {
  await reporter.raise(firing('x', { kind: 'summary-parked', severity: 'warning', labels: { destination: 'acme-lms' } }));
  telegram.people.press(ANNA, await said(/summary-parked/), 'Replay');
  const asked = await said(/Send 12 parked messages to acme-lms again\?/);
  await marked();
  return asked;
}

describe('killed after another service did what was asked', () => {
  it('and before it answered: a press is done again under its key, recorded once and answered once', async () => {
    meanwhile = () => victim.kill();
    telegram.people.press(ANNA, await question(), 'Yes');
    await waitFor('delivery has done it', () => done.length === 1);
    await victim.kill();
    await takeOver();
    await said(/12 messages are sent again to acme-lms/);
    await settled();
    expect(done).toHaveLength(2);
    expect(new Set(done.map(({ key }) => key)).size).toBe(1);
    expect(await actions()).toEqual([{ kind: 'replay', detail: 'done' }]);
    expect(times(/12 messages are sent again/)).toBe(1);
    expect(telegram.answers.filter(({ text }) => text === 'Done.')).toHaveLength(1);
  });

  it('and before it was recorded: the same', async () => {
    const asked = await question();
    const holder = await look.connect();
    await holder.query('BEGIN; LOCK TABLE telegram_update IN SHARE MODE');
    telegram.people.press(ANNA, asked, 'Yes');
    const waits = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%INTO telegram_update%'`;
    await waitFor('the record waits', async () => (await look.query(waits)).rows.length > 0);
    await victim.kill();
    await holder.query('ROLLBACK');
    holder.release();
    await takeOver();
    await said(/12 messages are sent again to acme-lms/);
    await settled();
    expect(new Set(done.map(({ key }) => key)).size).toBe(1);
    expect(await actions()).toEqual([{ kind: 'replay', detail: 'done' }]);
    expect(times(/12 messages are sent again/)).toBe(1);
  });

  it('and before Telegram heard of it: it is not done again, and answered once', async () => {
    const asked = await question();
    await waitFor('it waits for updates', () => telegram.waits());
    telegram.setFault({ kind: 'hang' });
    telegram.people.press(ANNA, asked, 'Yes');
    await waitFor('it is recorded', async () => (await actions()).length === 1);
    await victim.kill();
    telegram.setFault(undefined);
    await takeOver(LEASE_MS);
    await said(/12 messages are sent again to acme-lms/);
    await settled();
    expect(done).toHaveLength(1);
    expect(await actions()).toEqual([{ kind: 'replay', detail: 'done' }]);
    expect(times(/12 messages are sent again/)).toBe(1);
    await waitFor('the press is answered', () => telegram.answers.some(({ text }) => text === 'Done.'));
  });

  it('and back only when its question has ended: it is not done late, and it is on record that it may have happened', async () => {
    meanwhile = () => victim.kill();
    telegram.people.press(ANNA, await question(), 'Yes');
    await waitFor('delivery has done it', () => done.length === 1);
    await victim.kill();
    await takeOver(CONFIRM_WITHIN_MS);
    await said(/interrupted while I did this, and it may have happened: replay destination acme-lms, parked/);
    await settled();
    expect(done).toHaveLength(1);
    expect(await actions()).toEqual([{ kind: 'replay', detail: 'unknown: interrupted while it was done' }]);
    expect(telegram.answers.map(({ text }) => text)).toContain('It may have happened already.');
  });

  it('for a command: it is done again, which does no harm, recorded once and answered once', async () => {
    meanwhile = () => (done.length === 1 ? victim.kill() : Promise.resolve());
    telegram.people.write(ANNA, '/resume acme-lms', GROUP);
    await waitFor('delivery has done it', () => done.length === 1);
    await victim.kill();
    await takeOver();
    await said(/Resumed: acme-lms/);
    await settled();
    expect(done).toEqual([{ act: 'resume' }, { act: 'resume' }]);
    expect(await actions()).toEqual([{ kind: 'resume', detail: 'done' }]);
    expect(times(/Resumed: acme-lms/)).toBe(1);
  });
});

describe('killed after Telegram took a message and before it was marked', () => {
  it('that one comes once more with the same words, and nothing else does', async () => {
    await reporter.raise(firing('before'));
    await said(/before is silent/);
    await marked();
    telegram.setFault({ kind: 'keep-answer' }, GROUP);
    await reporter.raise(firing('a'));
    await said(/source a is silent/);
    await victim.kill();
    telegram.setFault(undefined, GROUP);
    await reporter.raise(firing('b'));
    await takeOver(LEASE_MS);
    await said(/source b is silent/);
    const texts = telegram.messages.map(({ text }) => text);
    const [first, again, ...more] = texts.filter((text) => text.includes('source a is silent'));
    expect(again).toBe(first);
    expect(more).toEqual([]);
    expect([times(/before is silent/), times(/source b is silent/)]).toEqual([1, 1]);
  });
});
