// The admin in Telegram: commands and updates, on real NATS and Postgres, with the services at the other end of NATS.
import { deliveryLearner, resultsLearner, schedulingAwaiting } from '@schoolbell/contracts';
import { serve } from '@schoolbell/messaging';
import { startPostgres, waitFor } from '@schoolbell/testing';
import { describe, expect, it } from 'vitest';
import { adminStage, ANNA, GROUP, log } from './admin-stage.ts';
import { firing, WEBHOOK_SECRET, type TestNotifier } from './notifier.ts';

const stage = adminStage();
const { start, said, answering, settled, actions, waitForDelivery, startDelivery } = stage;

describe('commands', () => {
  it('are registered, and whoever is not listed is told once and can do nothing', async () => {
    await waitFor('they are registered', () => stage.telegram.profile.commands.includes('undelivered'));
    const stranger = { id: 666, first_name: '<b>admin</b>' };
    await stage.reporter.raise(firing('a'));
    const alert = await said(/source-silent/, GROUP);
    stage.telegram.people.write(stranger, '/pause all', GROUP);
    stage.telegram.people.write(stranger, '/status');
    stage.telegram.people.write(ANNA, '/status', -99);
    stage.telegram.people.press(stranger, alert, 'Acknowledge');
    await settled();
    const refusals = stage.telegram.messages.filter(({ text }) => text.includes('takes no orders'));
    expect(refusals.map(({ chatId, text }) => [chatId, text.includes('<b>')])).toEqual([[String(GROUP), false], ['-99', false]]);
    expect(stage.telegram.answers.map(({ text }) => text)).toEqual(['You are not listed here.']);
    expect(await actions()).toEqual([]);
    expect(stage.telegram.messages.some(({ text }) => text.startsWith('Status'))).toBe(false);
  });

  it('/status shows what answers and names what does not, in seconds', async () => {
    startDelivery();
    await waitForDelivery();
    await stage.reporter.raise(firing('a', { title: 'hostile *_[x](tg://user?id=1) \u202e' }));
    await said(/source-silent/, GROUP);
    stage.telegram.people.write(ANNA, '/status@schoolbell_bot', GROUP);
    const { text, replyTo } = await said(/^Status/, GROUP);
    expect(replyTo).toBeGreaterThan(100_000);
    expect(text).toContain('✅ ingest: ok');
    expect(text).toContain('scheduling does not answer.');
    expect(text).toMatch(/acme-lms active, circuit open, 3 wait, 2 parked 5 failures/);
    expect(text).toMatch(/1 open problems\n🔴 #\d+ source-silent hostile/);
    expect(text).not.toContain('\u202e');
  });

  it('/learner puts both halves together, and half of it when one is away', async () => {
    answering(serve({ nats: stage.delivery, log }, deliveryLearner, async () => ({ items: [{ destinationId: 'acme-lms', wantedRevision: 42, confirmedRevision: 41, confirmedAt: '2026-11-21T05:30:00.000Z', state: 'due' as const }] })));
    await waitForDelivery();
    stage.telegram.people.write(ANNA, '/learner u 1');
    const half = await said(/Learner u 1/);
    expect(half.text).toContain('results does not answer.');
    expect(half.text).toContain('acme-lms: confirmed revision 41 at 2026-11-21 05:30 UTC, wants 42, due');
    answering(serve({ nats: stage.delivery, log }, resultsLearner, async () => ({ items: [{ organizationId: 'acme', revision: 42, testsCompleted: 3, testsPassed: 2, updatedAt: '2026-11-21T05:31:00.000Z' }] })));
    await waitForDelivery();
    stage.telegram.people.write(ANNA, '/learner u 1');
    await said(/results, acme: revision 42, 2 of 3 tests passed/);
  });

  it('/awaiting is cut at what a message holds, and says how much is missing', async () => {
    const items = Array.from({ length: 40 }, (_, index) => ({ lessonId: `lesson-${'x'.repeat(90)}-${index}`, packageKind: 'individual', status: 'awaiting' as const, start: '2026-11-21T05:30:00.000Z', next: { at: '2026-11-22T05:30:00.000Z', kind: 'follow-up' } }));
    answering(serve({ nats: stage.delivery, log }, schedulingAwaiting, async () => ({ totals: { offered: 0, awaiting: 900, lapsed: 1 }, items })));
    await waitForDelivery();
    stage.telegram.people.write(ANNA, '/awaiting');
    const { text } = await said(/901 lessons await a new time/);
    expect(text.length).toBeLessThanOrEqual(4_096);
    const shown = text.split('\n').filter((line) => line.startsWith('•')).length;
    expect(text).toContain(`… and ${901 - shown} more: GET /v1/awaiting of scheduling`);
  });

  it('with wrong arguments show their usage; a service that refuses is quoted; one that is slow is not waited for', async () => {
    const { controls } = startDelivery();
    await waitForDelivery();
    stage.telegram.people.write(ANNA, '/pause');
    await said(/Usage:\n\/pause DESTINATION \| all/);
    stage.telegram.people.write(ANNA, '/resume nowhere');
    await said(/There is no destination "nowhere"/);
    stage.telegram.people.write(ANNA, '/resume acme-lms');
    await said(/Resumed: acme-lms/);
    expect(controls).toMatchObject([{ action: 'resume', by: 'Anna (telegram 7)' }]);
    expect((await actions()).map(({ kind, detail }) => [kind, detail.slice(0, 6)])).toEqual([['resume', 'failed'], ['resume', 'done']]);
    stage.telegram.people.write(ANNA, 'hello');
    await said(/What I understand/);
    answering(serve({ nats: stage.delivery, log }, schedulingAwaiting, () => new Promise(() => undefined)));
    stage.telegram.people.write(ANNA, '/awaiting');
    await said(/scheduling failed: it has not finished in time and is still at it/);
  });

  it('/mute by the number of /status, and unmute', async () => {
    await stage.reporter.raise(firing('a'));
    await said(/source-silent/, GROUP);
    const [{ id }] = (await stage.notifier.get<{ items: [{ id: string }] }>('/v1/alerts')).body.items;
    stage.telegram.people.write(ANNA, `/mute #${id} 90`);
    await said(/for 90 minutes/);
    stage.telegram.people.write(ANNA, `/mute ${id} 0`);
    await said(/is told again/);
    stage.telegram.people.write(ANNA, '/mute 999999');
    await said(/There is no problem #999999/);
    expect((await actions()).map(({ kind, detail }) => `${kind} ${detail}`)).toEqual(['mute 90 minutes', 'mute 0 minutes']);
  });
});

describe('an update', () => {
  it('that was handled and not confirmed before a crash is handled once', async () => {
    await stage.reporter.raise(firing('a'));
    await said(/source-silent/, GROUP);
    const [{ id }] = (await stage.notifier.get<{ items: [{ id: string }] }>('/v1/alerts')).body.items;
    await settled();
    // Handled by a process that died before it could confirm: Telegram gives it to the next one.
    const update = stage.telegram.people.write(ANNA, `/mute ${id} 5`);
    await said(/for 5 minutes/);
    await settled();
    stage.telegram.people.repeat(update);
    await settled();
    await waitFor('the repeat is known', async () => /telegram_updates_total\{[^}]*outcome="repeated"[^}]*\} 1/.test(await stage.notifier.metricsText()));
    expect(await actions()).toHaveLength(1);
    expect(stage.telegram.messages.filter(({ text }) => text.includes('for 5 minutes'))).toHaveLength(1);
  });

  it('is asked for by one of two replicas, and by the other when that one is gone', async () => {
    const second = await start();
    const polling = async (one: TestNotifier): Promise<boolean> => /telegram_polling\{[^}]*\} 1/.test(await one.metricsText());
    await waitFor('one polls', async () => (await polling(stage.notifier)) || (await polling(second)));
    stage.telegram.people.write(ANNA, '/help');
    await said(/What I understand/);
    expect(stage.telegram.requests.filter(({ status }) => status === 409)).toEqual([]);
    const [leader, follower] = (await polling(stage.notifier)) ? [stage.notifier, second] : [second, stage.notifier];
    stage.notifier = follower;
    await leader.stop();
    stage.telegram.people.write(ANNA, '/mute 1 nonsense');
    await said(/Usage:\n\/mute/);
  });

  it('comes by webhook where that is configured, with the secret and not without', async () => {
    await stage.notifier.stop();
    stage.notifier = await start({ telegramParts: { webhook: { url: 'https://bot.example/v1/telegram/updates', secretToken: { env: 'WEBHOOK_SECRET' } } } });
    await waitFor('Telegram knows the address', () => stage.telegram.profile.webhook === 'https://bot.example/v1/telegram/updates');
    expect(stage.telegram.profile.secretToken).toBe(WEBHOOK_SECRET);
    const update = stage.telegram.people.write(ANNA, '/help');
    const deliver = (secret?: string) =>
      fetch(`${stage.notifier.url}/v1/telegram/updates`, { method: 'POST', headers: { 'content-type': 'application/json', ...(secret !== undefined && { 'x-telegram-bot-api-secret-token': secret }) }, body: JSON.stringify(update) });
    expect([(await deliver()).status, (await deliver('wrong')).status]).toEqual([401, 401]);
    expect((await Promise.all([deliver(WEBHOOK_SECRET), deliver(WEBHOOK_SECRET)])).map(({ status }) => status)).toEqual([200, 200]);
    await said(/What I understand/);
    expect(stage.telegram.messages.filter(({ text }) => text.includes('What I understand'))).toHaveLength(1);
    await stage.notifier.stop();
    stage.notifier = await start();
    await waitFor('polling takes over', () => stage.telegram.profile.webhook === '');
    expect((await deliver(WEBHOOK_SECRET)).status).toBe(404);
  });
});

describe('without Postgres', () => {
  it('/status is answered, everything else is refused with the reason, and nothing is done later', async () => {
    await stage.notifier.stop();
    const own = await startPostgres();
    const apart = await own.database(['notifier']);
    stage.notifier = await start({ databaseUrl: apart.url('notifier') });
    stage.telegram.people.write(ANNA, '/help');
    await said(/What I understand/);
    await own.stop();
    await said(/database-down/, GROUP);
    stage.telegram.people.write(ANNA, '/mute 1');
    await said(/Postgres does not answer: nothing can be done/);
    stage.telegram.people.write(ANNA, '/status');
    expect((await said(/^Status/)).text).toContain('Open problems are not known while Postgres does not answer.');
    await own.restart();
    await said(/✅ resolved[^]*database-down|✅[^]*database-down/, GROUP);
    await settled();
    expect(await actions()).toEqual([]);
    await stage.notifier.stop();
    stage.notifier = await start();
    await apart.drop();
    await own.stop();
  });
});

describe('the digest', () => {
  it('is told once a day, whatever the number of replicas, with what does not answer named', async () => {
    await stage.notifier.stop();
    const telegramParts = { digest: { at: '00:00', zone: 'Pacific/Kiritimati' } };
    const both = await Promise.all([start({ telegramParts }), start({ telegramParts })]);
    stage.notifier = both[0];
    const { text } = await said(/^Digest of/, GROUP);
    expect(text).toContain('delivery does not answer.');
    expect(text).toContain('no open problems');
    await said(/^Digest of/, ANNA.id);
    await both[1].stop();
    expect(await stage.notifier.sql('SELECT 1 FROM digest')).toHaveLength(1);
    expect(stage.telegram.messages.filter(({ text: one, chatId }) => one.startsWith('Digest') && chatId === String(GROUP))).toHaveLength(1);
  });
});
