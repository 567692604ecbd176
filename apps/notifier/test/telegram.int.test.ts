import { startNats, startTelegram, testDatabase, waitFor, type RunningNats, type TelegramStandIn, type TestDatabase } from '@schoolbell/testing';
import { formatInstant } from '@schoolbell/time';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LEASE_MS } from '../src/telegram/queue.ts';
import { alertsIn, firing, shiftingClock, startReporter, startTestNotifier, sum, type Reporter, type ShiftingClock, type TestNotifier } from './notifier.ts';

const CHATS = [1, -2, 3];

let database: TestDatabase;
let nats: RunningNats;
let telegram: TelegramStandIn;
let clock: ShiftingClock;
let reporter: Reporter;
let replicas: TestNotifier[];

beforeEach(async () => {
  clock = shiftingClock();
  replicas = [];
  [database, nats, telegram] = await Promise.all([testDatabase(['ingest', 'notifier']), startNats(), startTelegram({ clock })]);
  reporter = startReporter({ databaseUrl: database.url('ingest'), natsUrl: nats.url, clock });
});

afterEach(async () => {
  await Promise.all([reporter, ...replicas].map((one) => one.stop()));
  await Promise.all([database.drop(), nats.stop(), telegram.stop()]);
});

async function start(chats: readonly (string | number)[] = [1]): Promise<TestNotifier> {
  const notifier = await startTestNotifier({ databaseUrl: database.url('notifier'), natsUrl: nats.url, telegram, clock, chats });
  replicas.push(notifier);
  return notifier;
}
const textsIn = (chat: string | number): string[] => telegram.messages.filter(({ chatId }) => chatId === String(chat)).map(({ text }) => text);
const told = (chat: string | number, count: number): Promise<true> => waitFor(`${count} alerts told in chat ${chat}`, () => sum(textsIn(chat).map(alertsIn)) >= count);
const requestsOf = (chat: string | number) => telegram.requests.filter(({ chatId }) => chatId === String(chat));

async function leave(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: database.url('notifier'), options: '-c search_path=notifier' });
  await client.connect();
  await client.query(sql);
  await client.end();
}

describe('Telegram', () => {
  it('that asks to wait is waited for, and the other chats are not held up', async () => {
    telegram.setFault({ kind: 'refuse', status: 429, description: 'Too Many Requests: retry after 30', parameters: { retry_after: 30 } }, 1);
    await start(CHATS);
    await reporter.raise(firing('a'));
    await Promise.all([told(-2, 1), told(3, 1), waitFor('chat 1 was asked', () => requestsOf(1).length === 1)]);
    telegram.setFault(undefined, 1);
    await reporter.raise(firing('b'));
    await told(3, 2);
    expect(requestsOf(1)).toHaveLength(1);
    clock.shift(30_000);
    await told(1, 2);
    const [held, sent] = requestsOf(1);
    expect(sent!.atMs - held!.atMs).toBeGreaterThanOrEqual(30_000);
  });

  it('that holds two chats holds the bot: nobody sends until one of them may', async () => {
    for (const chat of [1, -2]) telegram.setFault({ kind: 'refuse', status: 429, description: 'Too Many Requests', parameters: { retry_after: 30 } }, chat);
    const notifier = await start(CHATS);
    await reporter.raise(firing('a'));
    await Promise.all([told(3, 1), waitFor('two chats are held', async () => (await notifier.sql(`SELECT 1 FROM chat WHERE held_until > 'epoch'`)).length === 2)]);
    await reporter.raise(firing('b'));
    clock.shift(10_000);
    await waitFor('the second is queued', async () => (await notifier.sql('SELECT 1 FROM notice WHERE message_id IS NULL')).length === 3);
    expect(requestsOf(3)).toHaveLength(1);
    telegram.setFault(undefined, 1);
    telegram.setFault(undefined, -2);
    clock.shift(20_000);
    await Promise.all(CHATS.map((chat) => told(chat, 2)));
  });

  it('that is away loses nothing, delays nothing else, and gets one message when it is back', async () => {
    const notifier = await start();
    await telegram.close();
    for (let count = 0; count < 20; count += 1) await reporter.raise(firing(`s-${count}`));
    await waitFor('all are taken in', async () => (await notifier.get('/v1/alerts?limit=100')).body.items.length === 20);
    const chat = await waitFor('the chat is known to fail', async () => {
      const { items } = (await notifier.get('/v1/chats')).body;
      return items[0]?.state === 'failing' && items[0];
    });
    expect(chat).toMatchObject({ id: '1', name: 'chat 1', lastError: expect.stringContaining('ECONNREFUSED') });
    expect(chat.waiting).toBeGreaterThan(0);
    await waitFor('metrics know it', async () => /telegram_queue_length\{[^}]*\} [1-9]/.test(await notifier.metricsText()));
    await telegram.listen();
    await waitFor('all are told', () => {
      clock.shift(1_000);
      return sum(textsIn(1).map(alertsIn)) === 20;
    });
    // The one that was tried in vain, and one for all that came meanwhile.
    expect(textsIn(1).length).toBeLessThanOrEqual(2);
    await waitFor('the chat is well', async () => (await notifier.get('/v1/chats')).body.items[0].state === 'ok');
  });

  it.each([
    ['blocks the bot', 403, 'Forbidden: bot was blocked by the user'],
    ['does not exist', 400, 'Bad Request: chat not found'],
  ])('chat that %s is told in log, metric and list, and the others go on', async (_name, status, description) => {
    telegram.setFault({ kind: 'refuse', status, description }, 1);
    const notifier = await start(CHATS);
    await reporter.raise(firing('a'));
    await Promise.all([told(-2, 1), told(3, 1)]);
    await waitFor('the metric', async () => /telegram_chat_unreachable\{[^}]*chat="1"[^}]*\} 1/.test(await notifier.metricsText()));
    expect(notifier.lines.some((line) => line.includes('a chat refuses the bot') && line.includes(description))).toBe(true);
    expect((await notifier.get('/v1/chats')).body.items).toContainEqual(expect.objectContaining({ id: '1', state: 'unreachable', waiting: 1 }));
    telegram.setFault(undefined, 1);
    clock.shift(90_000);
    await told(1, 1);
  });

  it('group that became a supergroup is followed', async () => {
    telegram.setFault({ kind: 'refuse', status: 400, description: 'Bad Request: group chat was upgraded to a supergroup chat', parameters: { migrate_to_chat_id: -1002 } }, -2);
    await start([-2]);
    await reporter.raise(firing('a'));
    await told(-1002, 1);
    clock.shift(10_000);
    await reporter.raise(firing('b'));
    await told(-1002, 2);
    expect(requestsOf(-2)).toHaveLength(1);
  });

  it('refuses a wrong token without the token in any log', async () => {
    telegram.setFault({ kind: 'refuse', status: 401, description: 'Unauthorized' });
    const notifier = await start();
    await reporter.raise(firing('a'));
    await waitFor('the log says so', () => notifier.lines.some((line) => line.includes('refuses the bot token')));
    telegram.setFault(undefined);
    clock.shift(90_000);
    await told(1, 1);
    expect(notifier.lines.join('\n')).not.toContain(telegram.token);
  });

  it('that does not take a text gets another one, and the next messages follow', async () => {
    telegram.setFault({ kind: 'refuse', status: 400, description: 'Bad Request: message is too long' });
    const notifier = await start();
    await reporter.raise(firing('a'));
    await waitFor('the text is replaced', async () => (await notifier.sql(`SELECT 1 FROM message WHERE text LIKE '%could not be shown%'`)).length === 1);
    telegram.setFault(undefined);
    await waitFor('the apology is sent', () => textsIn(1).some((text) => text === '⚠️ 1 alert could not be shown here, see /v1/alerts'));
    clock.shift(10_000);
    await reporter.raise(firing('b'));
    await waitFor('the next one is told', () => textsIn(1).some((text) => text.includes('source b')));
  });

  it('shows hostile texts as they are, as text', async () => {
    const hostile = '<b>@everyone</b> *_[x](tg://user?id=1)_* /stop \u202egnirts\u0000 ```';
    await start();
    await reporter.raise(firing('a', { title: hostile, detail: `${hostile}\n${'x'.repeat(1_900)}` }));
    await told(1, 1);
    const { text, entities } = telegram.messages[0]!;
    expect(text).toContain('<b>@everyone</b> *_[x](tg://user?id=1)_* /stop gnirts');
    expect(text).not.toMatch(/[\u202e\p{Cf}]|(?!\n)\p{Cc}/u);
    // Everything foreign lies in code: there Telegram makes no mention, command or link of it.
    const foreign = [...text.matchAll(/@everyone|\/stop|tg:/g)].map(({ index }) => index);
    const code = entities.filter(({ type }) => type === 'code' || type === 'pre');
    expect(foreign.every((at) => code.some(({ offset, length }) => at >= offset && at < offset + length))).toBe(true);
  });
});

describe('a crash between sending and its mark', () => {
  it('repeats that one message and no other', async () => {
    const first = await start();
    await reporter.raise(firing('a'));
    await told(1, 1);
    // The message arrived and its answer did not: for this replica it is as if it had died here.
    telegram.setFault({ kind: 'lose-answer' });
    clock.shift(10_000);
    await reporter.raise(firing('b'));
    await told(1, 2);
    telegram.setFault({ kind: 'hang' });
    await waitFor('it is noticed', () => first.lines.some((line) => line.includes('telegram could not be reached')));
    telegram.setFault(undefined);
    clock.shift(LEASE_MS);
    await reporter.raise(firing('c'));
    await waitFor('the third is told', () => textsIn(1).some((text) => text.includes('source c')));
    expect(textsIn(1).filter((text) => text.includes('source a'))).toHaveLength(1);
    expect(textsIn(1).filter((text) => text.includes('source b'))).toHaveLength(2);
    const [second, again] = textsIn(1).filter((text) => text.includes('source b'));
    expect(again).toBe(second);
  });

  it('of a whole process leaves a lease that another replica takes over', async () => {
    const dead = await start();
    await reporter.raise(firing('a'));
    await told(1, 1);
    await dead.stop();
    replicas.splice(0);
    // What a replica leaves that was killed while it sent: a text, and a lease.
    await leave(`UPDATE message SET state = 'pending', sent_at = NULL`);
    await leave(`UPDATE chat SET lease_token = gen_random_uuid(), lease_until = '${formatInstant(clock.now() + LEASE_MS)}'`);
    const living = await start();
    await reporter.raise(firing('b'));
    await waitFor('it is queued', async () => (await living.sql('SELECT 1 FROM notice WHERE message_id IS NULL')).length === 1);
    expect(textsIn(1)).toHaveLength(1);
    clock.shift(LEASE_MS);
    await told(1, 3);
    expect(textsIn(1)[1]).toBe(textsIn(1)[0]);
    expect(textsIn(1)[2]).toContain('source b');
  });
});

describe('two replicas', () => {
  it('send each message once and keep the limits together', async () => {
    await Promise.all([start(CHATS), start(CHATS)]);
    for (let count = 0; count < 30; count += 1) {
      await reporter.raise(firing(`s-${count}`));
      clock.shift(500);
    }
    await waitFor('all chats heard all', () => {
      clock.shift(250);
      return CHATS.every((chat) => sum(textsIn(chat).map(alertsIn)) >= 30);
    });
    for (const chat of CHATS) expect(sum(textsIn(chat).map(alertsIn))).toBe(30);
    expect(telegram.requests.filter(({ status }) => status !== 200)).toEqual([]);
  });
});

describe('without a bot token', () => {
  it('the log gets the alerts', async () => {
    const notifier = await startTestNotifier({ databaseUrl: database.url('notifier'), natsUrl: nats.url, clock });
    replicas.push(notifier);
    await reporter.raise(firing('a'));
    await waitFor('the log has it', () => notifier.lines.some((line) => line.includes('only logged because no bot token') && line.includes('The source a is silent')));
    expect(await notifier.configure({ botToken: { env: 'BOT' }, apiRoot: telegram.apiRoot, chats: [] })).toBe(false);
  });
});
