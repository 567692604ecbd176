import { startNats, startTelegram, testDatabase, waitFor, type RunningNats, type TelegramStandIn, type TestDatabase } from '@schoolbell/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { firing, firstLine, resolved, shiftingClock, startReporter, startTestNotifier, type Reporter, type ShiftingClock, type TestNotifier } from './notifier.ts';

const MINUTE_MS = 60_000;

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
  notifier = await startTestNotifier({ databaseUrl: database.url('notifier'), natsUrl: nats.url, telegram, clock, chats: [1], escalation: [8, 9] });
});

afterEach(async () => {
  await Promise.all([reporter.stop(), notifier.stop()]);
  await Promise.all([database.drop(), nats.stop(), telegram.stop()]);
});

const linesIn = (chat: number): string[] => telegram.messages.filter(({ chatId }) => chatId === String(chat)).map(({ text }) => firstLine(text));
const heard = (chat: number, count: number): Promise<true> => waitFor(`${count} messages in chat ${chat}`, () => linesIn(chat).length >= count);
const idOf = async (): Promise<string> => (await notifier.get<{ items: { id: string }[] }>('/v1/alerts')).body.items[0]!.id;

describe('a critical alert', () => {
  it('that nobody acknowledges goes from chat to chat, and its end to all who heard of it', async () => {
    await reporter.raise(firing('a'));
    await heard(1, 1);
    expect([...linesIn(8), ...linesIn(9)]).toEqual([]);
    clock.shift(15 * MINUTE_MS);
    await heard(8, 1);
    expect(linesIn(8)).toEqual(['🔴 not acknowledged, critical · source-silent · ingest · 1 alert']);
    expect(linesIn(9)).toEqual([]);
    await reporter.raise(resolved('a'));
    await Promise.all([heard(1, 2), heard(8, 2)]);
    expect(linesIn(8)[1]).toBe('✅ resolved · source-silent · ingest · 0 more alerts');
    expect(linesIn(9)).toEqual([]);
  });

  it('that is acknowledged stays where it is, and the record says who took it', async () => {
    await reporter.raise(firing('a'));
    await heard(1, 1);
    const id = await idOf();
    expect(await notifier.post(`/v1/alerts/${id}/acknowledge`)).toMatchObject({ status: 200, body: { acknowledgedBy: 'admin', escalations: 0 } });
    await notifier.post(`/v1/alerts/${id}/acknowledge`);
    clock.shift(60 * MINUTE_MS);
    // A later alert has gone all the way, so an escalation of the first would have been seen.
    await reporter.raise(firing('b'));
    await heard(1, 2);
    clock.shift(15 * MINUTE_MS);
    await heard(8, 1);
    expect(telegram.messages.filter(({ chatId }) => chatId === '8').map(({ text }) => text.includes('source a'))).toEqual([false]);
    expect(await notifier.sql('SELECT kind, by, fingerprint FROM action')).toEqual([{ kind: 'acknowledge', by: 'admin', fingerprint: 'source-silent:a' }]);
    await reporter.raise(resolved('a'));
    await heard(1, 3);
    expect((await notifier.post(`/v1/alerts/${id}/acknowledge`)).status).toBe(409);
  });

  it('that is muted is counted in silence, and its end is told', async () => {
    await reporter.raise(firing('a'));
    await heard(1, 1);
    const id = await idOf();
    expect((await notifier.post(`/v1/alerts/${id}/mute`, { minutes: 60 })).body['mutedUntil']).toEqual(expect.any(String));
    await reporter.raise(firing('a'), firing('a'));
    clock.shift(30 * MINUTE_MS);
    await reporter.raise(firing('b'));
    await heard(1, 2);
    expect(linesIn(1)[1]).toBe('🔴 critical · source-silent · ingest · 1 alert');
    clock.shift(31 * MINUTE_MS);
    await waitFor('what was muted is counted', () => telegram.messages.some(({ chatId, text }) => chatId === '1' && text.includes('source a') && /\b2 more alerts|3 alerts/.test(text)));
  });

  it('can be acted on only by who may', async () => {
    expect((await notifier.post('/v1/alerts/999999/acknowledge')).status).toBe(404);
    expect((await notifier.post('/v1/alerts/1/mute', { minutes: -1 })).status).toBe(422);
    expect((await fetch(`${notifier.url}/v1/alerts/1/acknowledge`, { method: 'POST' })).status).toBe(401);
  });
});

describe('a configuration in which every chat only hears escalations', () => {
  it('is refused, for nobody would hear of anything', async () => {
    expect(await notifier.configure({ botToken: { env: 'BOT' }, apiRoot: telegram.apiRoot, chats: [{ id: 1, name: 'x', escalation: true }] })).toBe(false);
  });
});
