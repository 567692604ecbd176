// The admin in Telegram: commands and buttons, on real NATS and Postgres, with the services at the other end of NATS.
import { deliveryControl, deliveryDestinations, deliveryLearner, deliveryReplay, deliveryUndelivered, resultsLearner, schedulingAwaiting } from '@schoolbell/contracts';
import { connectNats, RequestRefused, serve, type Nats, type NewAlert } from '@schoolbell/messaging';
import { createLogger } from '@schoolbell/service-kit';
import { startNats, startPostgres, startTelegram, testDatabase, waitFor, type RunningNats, type SentMessage, type TelegramStandIn, type TestDatabase } from '@schoolbell/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CONFIRM_WITHIN_MS } from '../src/acts/confirmation.ts';
import { encodePress } from '../src/buttons/data.ts';
import { EVENT_EXPIRES_AFTER_MS } from '../src/problems/policy.ts';
import { firing, shiftingClock, startReporter, startTestNotifier, resolved, WEBHOOK_SECRET, type Reporter, type ShiftingClock, type TestNotifier } from './notifier.ts';

const ANNA = { id: 7, name: 'Anna' };
const BORIS = { id: 8, name: 'Boris' };
const GROUP = -5;
const MINUTE_MS = 60_000;
const log = createLogger({ service: 'delivery', level: 'silent' });

let database: TestDatabase;
let nats: RunningNats;
let telegram: TelegramStandIn;
let clock: ShiftingClock;
let reporter: Reporter;
let notifier: TestNotifier;
let delivery: Nats;
let stops: (() => void)[];

beforeEach(async () => {
  clock = shiftingClock();
  stops = [];
  [database, nats, telegram] = await Promise.all([testDatabase(['ingest', 'notifier']), startNats(), startTelegram({ clock })]);
  reporter = startReporter({ databaseUrl: database.url('ingest'), natsUrl: nats.url, clock });
  delivery = connectNats({ url: nats.url, name: 'delivery', log });
  notifier = await start();
});

afterEach(async () => {
  for (const stop of stops) stop();
  await Promise.all([reporter.stop(), notifier.stop(), delivery.close()]);
  await Promise.all([database.drop(), nats.stop(), telegram.stop()]);
});

const start = (more: Partial<Parameters<typeof startTestNotifier>[0]> = {}): Promise<TestNotifier> =>
  startTestNotifier({ databaseUrl: database.url('notifier'), natsUrl: nats.url, telegram, clock, chats: [GROUP, ANNA.id], escalation: [9], users: [ANNA, BORIS], ...more });
const said = (what: RegExp, chat?: number): Promise<SentMessage> =>
  waitFor(`the bot says ${what}`, () => {
    clock.shift(30);
    return telegram.messages.findLast(({ text, chatId }) => what.test(text) && (chat === undefined || chatId === String(chat)));
  });
const toast = (what: RegExp): Promise<unknown> => waitFor(`a press is answered ${what}`, () => telegram.answers.some(({ text }) => what.test(text)));
const settled = (): Promise<unknown> => waitFor('every update is confirmed', () => telegram.unconfirmed().length === 0);
const actions = () => notifier.sql<{ kind: string; by: string; via: string; user_id: string; target: string; detail: string }>('SELECT kind, by, via, user_id, target, detail FROM action ORDER BY id');
const current = (message: SentMessage): SentMessage => telegram.messages.find(({ chatId, messageId }) => chatId === message.chatId && messageId === message.messageId)!;
const labels = (message: SentMessage): string[] => current(message).keyboard.flat().map(({ text }) => text);
const answering = (...more: (() => void)[]): void => void stops.push(...more);
const pressable = async (fingerprint: string): Promise<{ problemId: bigint; episode: number }> => {
  const [row] = await notifier.sql<{ id: string; first_at: Date }>('SELECT id::text AS id, first_at FROM problem WHERE fingerprint = $1', [`source-silent:${fingerprint}`]);
  return { problemId: BigInt(row!.id), episode: row!.first_at.getTime() };
};
/** Connected, and what it answers to has reached the server. */
const waitForDelivery = async (): Promise<void> => {
  await waitFor('delivery is connected', () => delivery.connected());
  await delivery.current()!.connection.flush();
};

/** While Telegram asks the chat to wait, everything gathers. */
async function gather(...alerts: NewAlert[]): Promise<SentMessage> {
  telegram.setFault({ kind: 'refuse', status: 429, description: 'Too Many Requests: retry after 30', parameters: { retry_after: 30 } }, GROUP);
  await reporter.raise(firing('first'));
  await waitFor('the chat is held', () => telegram.requests.some(({ status }) => status === 429));
  await reporter.raise(...alerts);
  await waitFor('all of them wait', async () => (await notifier.sql('SELECT 1 FROM notice WHERE chat_id = $1 AND message_id IS NULL', [String(GROUP)])).length === alerts.length);
  telegram.setFault(undefined, GROUP);
  clock.shift(30_000);
  return said(new RegExp(`${alerts.length} problems`), GROUP);
}

/** What delivery was told, with a destination called acme-lms. */
function startDelivery() {
  const controls: object[] = [];
  const replays: { key: string; dryRun: boolean }[] = [];
  const known = (id: string | undefined): void => {
    if (id !== undefined && id !== 'acme-lms') throw new RequestRefused(`There is no destination "${id}" in the configuration that is in force.`);
  };
  const deps = { nats: delivery, log };
  answering(
    serve(deps, deliveryUndelivered, async ({ destinationId }) => {
      known(destinationId);
      return { total: 0, items: [] };
    }),
    serve(deps, deliveryControl, async (wish) => {
      known(wish.destinationId);
      controls.push(wish);
      return { changed: 1, total: 1 };
    }),
    serve(deps, deliveryReplay, async (wish) => {
      replays.push(wish);
      return { matched: 12 };
    }),
    serve(deps, deliveryDestinations, async () => ({
      total: 1,
      items: [{ id: 'acme-lms', state: 'active' as const, stateReason: 'configured', circuit: 'open' as const, circuitReason: '5 failures <b>in</b> a row', holdUntil: null, due: 3, inFlight: 0, parked: 2, oldestSince: null }],
    })),
  );
  return { controls, replays };
}

describe('buttons', () => {
  it('acknowledge: it stays where it is, the message shows who has it, and the record says so', async () => {
    await reporter.raise(firing('a'));
    const alert = await said(/source-silent/, GROUP);
    expect(labels(alert)).toEqual(['✋ Acknowledge', '🔇 Mute 1 h', '🔎 Show']);
    telegram.people.press(ANNA, alert, 'Acknowledge');
    await toast(/You have it in hand/);
    await waitFor('the buttons change', () => labels(alert).join() === '🔇 Mute 1 h,🔎 Show · ✋ Anna (telegram 7)');
    expect(await actions()).toMatchObject([{ kind: 'acknowledge', by: 'Anna (telegram 7)', via: 'telegram', user_id: '7' }]);
    telegram.people.press(BORIS, await said(/source-silent/, ANNA.id), 'Acknowledge');
    await toast(/Anna \(telegram 7\) has it in hand/);
    clock.shift(60 * MINUTE_MS);
    // A later alert has gone all the way to the next chat; the acknowledged one has not.
    await reporter.raise(firing('b'));
    await said(/source b/, GROUP);
    clock.shift(15 * MINUTE_MS);
    await said(/not acknowledged.*\n.*source b/, 9);
    expect(telegram.messages.filter(({ chatId, text }) => chatId === '9' && text.includes('source a'))).toEqual([]);
  });

  it('that are old answer clearly and do nothing', async () => {
    await reporter.raise(firing('a'));
    const alert = await said(/source-silent/, GROUP);
    const press = alert.keyboard.flat()[0]!.callback_data;
    await reporter.raise(resolved('a'));
    await said(/✅ resolved/, GROUP);
    telegram.people.press(ANNA, alert, 'Acknowledge');
    await toast(/It is over already/);
    await waitFor('its buttons go', () => labels(alert).length === 0);
    clock.shift(20 * MINUTE_MS);
    await reporter.raise(firing('a', { detail: 'again' }));
    await said(/🔴 critical[^]*again/, GROUP);
    telegram.people.press(ANNA, alert, { data: press });
    await toast(/an earlier time/);
    for (const data of ['p.a.zzzz.1', 'c.y.11111111-1111-4111-8111-111111111111', 'x', 'p.a.1']) telegram.people.press(ANNA, alert, { data });
    await settled();
    expect(telegram.answers).toHaveLength(6);
    expect(await actions()).toEqual([]);
  });

  it('replay what an event has left behind, also when it counts as over by its age', async () => {
    await reporter.raise(firing('x', { kind: 'dead-letter', fingerprint: 'dead-letter:x', labels: { durable: 'ingest-test' } }));
    const alert = await said(/dead-letter/, GROUP);
    clock.shift(EVENT_EXPIRES_AFTER_MS + MINUTE_MS);
    await waitFor('it counts as over', async () => (await notifier.sql(`SELECT 1 FROM problem WHERE fingerprint = 'dead-letter:x' AND state = 'resolved'`)).length === 1);
    telegram.people.press(ANNA, alert, 'Replay');
    await said(/There is nothing to do/, GROUP);
    expect(telegram.answers.some(({ text }) => /over already/.test(text))).toBe(false);
  });

  it('of a message that tells of many take them all at once', async () => {
    const gathered = await gather(firing('a'), firing('b'), firing('c'));
    expect(labels(gathered)).toEqual(['✋ Acknowledge: all 3', '🔇 Mute 1 h: all 3']);
    telegram.people.press(ANNA, gathered, 'Acknowledge');
    await toast(/3 problems in hand/);
    expect((await actions()).map(({ kind }) => kind)).toEqual(['acknowledge', 'acknowledge', 'acknowledge']);
    await waitFor('the buttons change', () => labels(gathered).join() === '🔇 Mute 1 h: all 3');
  });

  it('replay and pause ask first, only the one who asked can say yes, and only in time', async () => {
    const { controls, replays } = startDelivery();
    await waitForDelivery();
    await reporter.raise(firing('x', { kind: 'summary-parked', severity: 'warning', labels: { destination: 'acme-lms' } }));
    const alert = await said(/summary-parked/, GROUP);
    expect(labels(alert)).toEqual(['✋ Acknowledge', '🔇 Mute 1 h', '🔎 Show', '🔁 Replay', '⏸ Pause destination']);
    telegram.people.press(ANNA, alert, 'Replay');
    const question = await said(/Send 12 parked messages to acme-lms again\?/, GROUP);
    telegram.people.press(BORIS, question, 'Yes');
    await toast(/Only Anna can answer this/);
    expect(replays.map(({ dryRun }) => dryRun)).toEqual([true]);
    telegram.people.press(ANNA, question, 'Yes');
    telegram.people.press(ANNA, question, 'Yes');
    await said(/12 messages are sent again to acme-lms/, GROUP);
    await settled();
    expect(new Set(replays.filter(({ dryRun }) => !dryRun).map(({ key }) => key)).size).toBe(1);
    expect(await actions()).toMatchObject([{ kind: 'replay', target: 'destination acme-lms, parked', user_id: '7', detail: 'done' }]);

    telegram.people.press(ANNA, alert, 'Pause');
    const late = await said(/Pause acme-lms\?/, GROUP);
    clock.shift(CONFIRM_WITHIN_MS);
    telegram.people.press(ANNA, late, 'Yes');
    await toast(/Too late/);
    expect(controls).toEqual([]);
  });
});

describe('a button of a message that Telegram no longer keeps', () => {
  it('still acts where Telegram says where it was, and where only the bot knows', async () => {
    const { replays } = startDelivery();
    await waitForDelivery();
    const alert = await gather(firing('a'), firing('x', { kind: 'summary-parked', severity: 'warning', labels: { destination: 'acme-lms' } }));
    telegram.forget(alert, 'id');
    telegram.people.press(ANNA, alert, 'Acknowledge');
    await toast(/2 problems in hand/);
    telegram.forget(alert, 'nothing');
    telegram.people.press(BORIS, alert, 'Mute');
    await toast(/2 problems are muted/);
    expect((await actions()).map(({ kind, user_id: user }) => [kind, user])).toEqual([['acknowledge', '7'], ['acknowledge', '7'], ['mute', '8'], ['mute', '8']]);

    // One alert alone: Anna was told of it in her own chat too, Boris only in the group.
    const { problemId, episode } = await pressable('x');
    telegram.people.press(ANNA, alert, { data: encodePress({ on: 'problem', verb: 'replay', problemId, episode }) });
    const question = await said(/Send 12 parked messages/, ANNA.id);
    telegram.forget(question, 'nothing');
    telegram.people.press(ANNA, question, 'Yes');
    await said(/12 messages are sent again/, ANNA.id);
    expect(replays.filter(({ dryRun }) => !dryRun)).toHaveLength(1);
    telegram.people.press(BORIS, alert, { data: encodePress({ on: 'problem', verb: 'replay', problemId, episode }) });
    await said(/Send 12 parked messages/, GROUP);
    await settled();
    expect(telegram.answers).toHaveLength(5);
  });

  it('is answered when nothing can be done, and opens nothing to strangers', async () => {
    await reporter.raise(firing('a'));
    const alert = await said(/source-silent/, GROUP);
    telegram.forget(alert, 'nothing');
    telegram.people.press({ id: 666 }, alert, 'Acknowledge');
    for (const data of ['', 'x', 'p.a.zzzz.1', 'g.a.zzzz', 'c.y.11111111-1111-4111-8111-111111111111']) telegram.people.press(ANNA, alert, { data });
    await settled();
    expect(telegram.answers.map(({ text }) => text)).toEqual(['You are not listed here.', ...Array.from({ length: 5 }, () => expect.stringMatching(/no longer says where this button stands/))]);
    expect(await actions()).toEqual([]);
  });
});

describe('commands', () => {
  it('are registered, and whoever is not listed is told once and can do nothing', async () => {
    await waitFor('they are registered', () => telegram.profile.commands.includes('undelivered'));
    const stranger = { id: 666, first_name: '<b>admin</b>' };
    await reporter.raise(firing('a'));
    const alert = await said(/source-silent/, GROUP);
    telegram.people.write(stranger, '/pause all', GROUP);
    telegram.people.write(stranger, '/status');
    telegram.people.write(ANNA, '/status', -99);
    telegram.people.press(stranger, alert, 'Acknowledge');
    await settled();
    const refusals = telegram.messages.filter(({ text }) => text.includes('takes no orders'));
    expect(refusals.map(({ chatId, text }) => [chatId, text.includes('<b>')])).toEqual([[String(GROUP), false], ['-99', false]]);
    expect(telegram.answers.map(({ text }) => text)).toEqual(['You are not listed here.']);
    expect(await actions()).toEqual([]);
    expect(telegram.messages.some(({ text }) => text.startsWith('Status'))).toBe(false);
  });

  it('/status shows what answers and names what does not, in seconds', async () => {
    startDelivery();
    await waitForDelivery();
    await reporter.raise(firing('a', { title: 'hostile *_[x](tg://user?id=1) \u202e' }));
    await said(/source-silent/, GROUP);
    telegram.people.write(ANNA, '/status@schoolbell_bot', GROUP);
    const { text, replyTo } = await said(/^Status/, GROUP);
    expect(replyTo).toBeGreaterThan(100_000);
    expect(text).toContain('✅ ingest: ok');
    expect(text).toContain('scheduling does not answer.');
    expect(text).toMatch(/acme-lms active, circuit open, 3 wait, 2 parked 5 failures/);
    expect(text).toMatch(/1 open problems\n🔴 #\d+ source-silent hostile/);
    expect(text).not.toContain('\u202e');
  });

  it('/learner puts both halves together, and half of it when one is away', async () => {
    answering(serve({ nats: delivery, log }, deliveryLearner, async () => ({ items: [{ destinationId: 'acme-lms', wantedRevision: 42, confirmedRevision: 41, confirmedAt: '2026-11-21T05:30:00.000Z', state: 'due' as const }] })));
    await waitForDelivery();
    telegram.people.write(ANNA, '/learner u 1');
    const half = await said(/Learner u 1/);
    expect(half.text).toContain('results does not answer.');
    expect(half.text).toContain('acme-lms: confirmed revision 41 at 2026-11-21 05:30 UTC, wants 42, due');
    answering(serve({ nats: delivery, log }, resultsLearner, async () => ({ items: [{ organizationId: 'acme', revision: 42, testsCompleted: 3, testsPassed: 2, updatedAt: '2026-11-21T05:31:00.000Z' }] })));
    await waitForDelivery();
    telegram.people.write(ANNA, '/learner u 1');
    await said(/results, acme: revision 42, 2 of 3 tests passed/);
  });

  it('/awaiting is cut at what a message holds, and says how much is missing', async () => {
    const items = Array.from({ length: 40 }, (_, index) => ({ lessonId: `lesson-${'x'.repeat(90)}-${index}`, packageKind: 'individual', status: 'awaiting' as const, start: '2026-11-21T05:30:00.000Z', next: { at: '2026-11-22T05:30:00.000Z', kind: 'follow-up' } }));
    answering(serve({ nats: delivery, log }, schedulingAwaiting, async () => ({ totals: { offered: 0, awaiting: 900, lapsed: 1 }, items })));
    await waitForDelivery();
    telegram.people.write(ANNA, '/awaiting');
    const { text } = await said(/901 lessons await a new time/);
    expect(text.length).toBeLessThanOrEqual(4_096);
    const shown = text.split('\n').filter((line) => line.startsWith('•')).length;
    expect(text).toContain(`… and ${901 - shown} more: GET /v1/awaiting of scheduling`);
  });

  it('with wrong arguments show their usage; a service that refuses is quoted; one that is slow is not waited for', async () => {
    const { controls } = startDelivery();
    await waitForDelivery();
    telegram.people.write(ANNA, '/pause');
    await said(/Usage:\n\/pause DESTINATION \| all/);
    telegram.people.write(ANNA, '/resume nowhere');
    await said(/There is no destination "nowhere"/);
    telegram.people.write(ANNA, '/resume acme-lms');
    await said(/Resumed: acme-lms/);
    expect(controls).toMatchObject([{ action: 'resume', by: 'Anna (telegram 7)' }]);
    expect((await actions()).map(({ kind, detail }) => [kind, detail.slice(0, 6)])).toEqual([['resume', 'failed'], ['resume', 'done']]);
    telegram.people.write(ANNA, 'hello');
    await said(/What I understand/);
    answering(serve({ nats: delivery, log }, schedulingAwaiting, () => new Promise(() => undefined)));
    telegram.people.write(ANNA, '/awaiting');
    await said(/scheduling failed: it has not finished in time and is still at it/);
  });

  it('/mute by the number of /status, and unmute', async () => {
    await reporter.raise(firing('a'));
    await said(/source-silent/, GROUP);
    const [{ id }] = (await notifier.get<{ items: [{ id: string }] }>('/v1/alerts')).body.items;
    telegram.people.write(ANNA, `/mute #${id} 90`);
    await said(/for 90 minutes/);
    telegram.people.write(ANNA, `/mute ${id} 0`);
    await said(/is told again/);
    telegram.people.write(ANNA, '/mute 999999');
    await said(/There is no problem #999999/);
    expect((await actions()).map(({ kind, detail }) => `${kind} ${detail}`)).toEqual(['mute 90 minutes', 'mute 0 minutes']);
  });
});

describe('an update', () => {
  it('that was handled and not confirmed before a crash is handled once', async () => {
    await reporter.raise(firing('a'));
    await said(/source-silent/, GROUP);
    const [{ id }] = (await notifier.get<{ items: [{ id: string }] }>('/v1/alerts')).body.items;
    await settled();
    // Handled by a process that died before it could confirm: Telegram gives it to the next one.
    const update = telegram.people.write(ANNA, `/mute ${id} 5`);
    await said(/for 5 minutes/);
    await settled();
    telegram.people.repeat(update);
    await settled();
    await waitFor('the repeat is known', async () => /telegram_updates_total\{[^}]*outcome="repeated"[^}]*\} 1/.test(await notifier.metricsText()));
    expect(await actions()).toHaveLength(1);
    expect(telegram.messages.filter(({ text }) => text.includes('for 5 minutes'))).toHaveLength(1);
  });

  it('is asked for by one of two replicas, and by the other when that one is gone', async () => {
    const second = await start();
    const polling = async (one: TestNotifier): Promise<boolean> => /telegram_polling\{[^}]*\} 1/.test(await one.metricsText());
    await waitFor('one polls', async () => (await polling(notifier)) || (await polling(second)));
    telegram.people.write(ANNA, '/help');
    await said(/What I understand/);
    expect(telegram.requests.filter(({ status }) => status === 409)).toEqual([]);
    const [leader, follower] = (await polling(notifier)) ? [notifier, second] : [second, notifier];
    notifier = follower;
    await leader.stop();
    telegram.people.write(ANNA, '/mute 1 nonsense');
    await said(/Usage:\n\/mute/);
  });

  it('comes by webhook where that is configured, with the secret and not without', async () => {
    await notifier.stop();
    notifier = await start({ telegramParts: { webhook: { url: 'https://bot.example/v1/telegram/updates', secretToken: { env: 'WEBHOOK_SECRET' } } } });
    await waitFor('Telegram knows the address', () => telegram.profile.webhook === 'https://bot.example/v1/telegram/updates');
    expect(telegram.profile.secretToken).toBe(WEBHOOK_SECRET);
    const update = telegram.people.write(ANNA, '/help');
    const deliver = (secret?: string) =>
      fetch(`${notifier.url}/v1/telegram/updates`, { method: 'POST', headers: { 'content-type': 'application/json', ...(secret !== undefined && { 'x-telegram-bot-api-secret-token': secret }) }, body: JSON.stringify(update) });
    expect([(await deliver()).status, (await deliver('wrong')).status]).toEqual([401, 401]);
    expect((await Promise.all([deliver(WEBHOOK_SECRET), deliver(WEBHOOK_SECRET)])).map(({ status }) => status)).toEqual([200, 200]);
    await said(/What I understand/);
    expect(telegram.messages.filter(({ text }) => text.includes('What I understand'))).toHaveLength(1);
    await notifier.stop();
    notifier = await start();
    await waitFor('polling takes over', () => telegram.profile.webhook === '');
    expect((await deliver(WEBHOOK_SECRET)).status).toBe(404);
  });
});

describe('without Postgres', () => {
  it('/status is answered, everything else is refused with the reason, and nothing is done later', async () => {
    await notifier.stop();
    const own = await startPostgres();
    const apart = await own.database(['notifier']);
    notifier = await start({ databaseUrl: apart.url('notifier') });
    telegram.people.write(ANNA, '/help');
    await said(/What I understand/);
    await own.stop();
    await said(/database-down/, GROUP);
    telegram.people.write(ANNA, '/mute 1');
    await said(/Postgres does not answer: nothing can be done/);
    telegram.people.write(ANNA, '/status');
    expect((await said(/^Status/)).text).toContain('Open problems are not known while Postgres does not answer.');
    await own.restart();
    await said(/✅ resolved[^]*database-down|✅[^]*database-down/, GROUP);
    await settled();
    expect(await actions()).toEqual([]);
    await notifier.stop();
    notifier = await start();
    await apart.drop();
    await own.stop();
  });
});

describe('the digest', () => {
  it('is told once a day, whatever the number of replicas, with what does not answer named', async () => {
    await notifier.stop();
    const telegramParts = { digest: { at: '00:00', zone: 'Pacific/Kiritimati' } };
    const both = await Promise.all([start({ telegramParts }), start({ telegramParts })]);
    notifier = both[0];
    const { text } = await said(/^Digest of/, GROUP);
    expect(text).toContain('delivery does not answer.');
    expect(text).toContain('no open problems');
    await said(/^Digest of/, ANNA.id);
    await both[1].stop();
    expect(await notifier.sql('SELECT 1 FROM digest')).toHaveLength(1);
    expect(telegram.messages.filter(({ text: one, chatId }) => one.startsWith('Digest') && chatId === String(GROUP))).toHaveLength(1);
  });
});
