// Buttons in Telegram, on real NATS and Postgres, with the services at the other end of NATS.
import { waitFor, type SentMessage } from '@schoolbell/testing';
import { describe, expect, it } from 'vitest';
import { CONFIRM_WITHIN_MS } from '../src/acts/confirmation.ts';
import { encodePress } from '../src/buttons/data.ts';
import { EVENT_EXPIRES_AFTER_MS } from '../src/problems/policy.ts';
import { adminStage, ANNA, BORIS, GROUP, MINUTE_MS } from './admin-stage.ts';
import { firing, resolved } from './notifier.ts';

const stage = adminStage();
const { said, toast, settled, actions, waitForDelivery, gather, startDelivery } = stage;

const current = (message: SentMessage): SentMessage => stage.telegram.messages.find(({ chatId, messageId }) => chatId === message.chatId && messageId === message.messageId)!;
const labels = (message: SentMessage): string[] => current(message).keyboard.flat().map(({ text }) => text);
const pressable = async (fingerprint: string): Promise<{ problemId: bigint; episode: number }> => {
  const [row] = await stage.notifier.sql<{ id: string; first_at: Date }>('SELECT id::text AS id, first_at FROM problem WHERE fingerprint = $1', [`source-silent:${fingerprint}`]);
  return { problemId: BigInt(row!.id), episode: row!.first_at.getTime() };
};

describe('buttons', () => {
  it('acknowledge: it stays where it is, the message shows who has it, and the record says so', async () => {
    await stage.reporter.raise(firing('a'));
    const alert = await said(/source-silent/, GROUP);
    expect(labels(alert)).toEqual(['✋ Acknowledge', '🔇 Mute 1 h', '🔎 Show']);
    stage.telegram.people.press(ANNA, alert, 'Acknowledge');
    await toast(/You have it in hand/);
    await waitFor('the buttons change', () => labels(alert).join() === '🔇 Mute 1 h,🔎 Show · ✋ Anna (telegram 7)');
    expect(await actions()).toMatchObject([{ kind: 'acknowledge', by: 'Anna (telegram 7)', via: 'telegram', user_id: '7' }]);
    stage.telegram.people.press(BORIS, await said(/source-silent/, ANNA.id), 'Acknowledge');
    await toast(/Anna \(telegram 7\) has it in hand/);
    stage.clock.shift(60 * MINUTE_MS);
    // A later alert has gone all the way to the next chat; the acknowledged one has not.
    await stage.reporter.raise(firing('b'));
    await said(/source b/, GROUP);
    stage.clock.shift(15 * MINUTE_MS);
    await said(/not acknowledged.*\n.*source b/, 9);
    expect(stage.telegram.messages.filter(({ chatId, text }) => chatId === '9' && text.includes('source a'))).toEqual([]);
  });

  it('that are old answer clearly and do nothing', async () => {
    await stage.reporter.raise(firing('a'));
    const alert = await said(/source-silent/, GROUP);
    const press = alert.keyboard.flat()[0]!.callback_data;
    await stage.reporter.raise(resolved('a'));
    await said(/✅ resolved/, GROUP);
    stage.telegram.people.press(ANNA, alert, 'Acknowledge');
    await toast(/It is over already/);
    await waitFor('its buttons go', () => labels(alert).length === 0);
    stage.clock.shift(20 * MINUTE_MS);
    await stage.reporter.raise(firing('a', { detail: 'again' }));
    await said(/🔴 critical[^]*again/, GROUP);
    stage.telegram.people.press(ANNA, alert, { data: press });
    await toast(/an earlier time/);
    for (const data of ['p.a.zzzz.1', 'c.y.11111111-1111-4111-8111-111111111111', 'x', 'p.a.1']) stage.telegram.people.press(ANNA, alert, { data });
    await settled();
    expect(stage.telegram.answers).toHaveLength(6);
    expect(await actions()).toEqual([]);
  });

  it('replay what an event has left behind, also when it counts as over by its age', async () => {
    await stage.reporter.raise(firing('x', { kind: 'dead-letter', fingerprint: 'dead-letter:x', labels: { durable: 'ingest-test' } }));
    const alert = await said(/dead-letter/, GROUP);
    stage.clock.shift(EVENT_EXPIRES_AFTER_MS + MINUTE_MS);
    await waitFor('it counts as over', async () => (await stage.notifier.sql(`SELECT 1 FROM problem WHERE fingerprint = 'dead-letter:x' AND state = 'resolved'`)).length === 1);
    stage.telegram.people.press(ANNA, alert, 'Replay');
    await said(/There is nothing to do/, GROUP);
    expect(stage.telegram.answers.some(({ text }) => /over already/.test(text))).toBe(false);
  });

  it('of a message that tells of many take them all at once', async () => {
    const gathered = await gather(firing('a'), firing('b'), firing('c'));
    expect(labels(gathered)).toEqual(['✋ Acknowledge: all 3', '🔇 Mute 1 h: all 3']);
    stage.telegram.people.press(ANNA, gathered, 'Acknowledge');
    await toast(/3 problems in hand/);
    expect((await actions()).map(({ kind }) => kind)).toEqual(['acknowledge', 'acknowledge', 'acknowledge']);
    await waitFor('the buttons change', () => labels(gathered).join() === '🔇 Mute 1 h: all 3');
  });

  it('replay and pause ask first, only the one who asked can say yes, and only in time', async () => {
    const { controls, replays } = startDelivery();
    await waitForDelivery();
    await stage.reporter.raise(firing('x', { kind: 'summary-parked', severity: 'warning', labels: { destination: 'acme-lms' } }));
    const alert = await said(/summary-parked/, GROUP);
    expect(labels(alert)).toEqual(['✋ Acknowledge', '🔇 Mute 1 h', '🔎 Show', '🔁 Replay', '⏸ Pause destination']);
    stage.telegram.people.press(ANNA, alert, 'Replay');
    const question = await said(/Send 12 parked messages to acme-lms again\?/, GROUP);
    stage.telegram.people.press(BORIS, question, 'Yes');
    await toast(/Only Anna can answer this/);
    expect(replays.map(({ dryRun }) => dryRun)).toEqual([true]);
    stage.telegram.people.press(ANNA, question, 'Yes');
    stage.telegram.people.press(ANNA, question, 'Yes');
    await said(/12 messages are sent again to acme-lms/, GROUP);
    await settled();
    expect(new Set(replays.filter(({ dryRun }) => !dryRun).map(({ key }) => key)).size).toBe(1);
    expect(await actions()).toMatchObject([{ kind: 'replay', target: 'destination acme-lms, parked', user_id: '7', detail: 'done' }]);

    stage.telegram.people.press(ANNA, alert, 'Pause');
    const late = await said(/Pause acme-lms\?/, GROUP);
    stage.clock.shift(CONFIRM_WITHIN_MS);
    stage.telegram.people.press(ANNA, late, 'Yes');
    await toast(/Too late/);
    expect(controls).toEqual([]);
  });
});

describe('a button of a message that Telegram no longer keeps', () => {
  it('still acts where Telegram says where it was, and where only the bot knows', async () => {
    const { replays } = startDelivery();
    await waitForDelivery();
    const alert = await gather(firing('a'), firing('x', { kind: 'summary-parked', severity: 'warning', labels: { destination: 'acme-lms' } }));
    stage.telegram.forget(alert, 'id');
    stage.telegram.people.press(ANNA, alert, 'Acknowledge');
    await toast(/2 problems in hand/);
    stage.telegram.forget(alert, 'nothing');
    stage.telegram.people.press(BORIS, alert, 'Mute');
    await toast(/2 problems are muted/);
    expect((await actions()).map(({ kind, user_id: user }) => [kind, user])).toEqual([['acknowledge', '7'], ['acknowledge', '7'], ['mute', '8'], ['mute', '8']]);

    // One alert alone: Anna was told of it in her own chat too, Boris only in the group.
    const { problemId, episode } = await pressable('x');
    stage.telegram.people.press(ANNA, alert, { data: encodePress({ on: 'problem', verb: 'replay', problemId, episode }) });
    const question = await said(/Send 12 parked messages/, ANNA.id);
    stage.telegram.forget(question, 'nothing');
    stage.telegram.people.press(ANNA, question, 'Yes');
    await said(/12 messages are sent again/, ANNA.id);
    expect(replays.filter(({ dryRun }) => !dryRun)).toHaveLength(1);
    stage.telegram.people.press(BORIS, alert, { data: encodePress({ on: 'problem', verb: 'replay', problemId, episode }) });
    await said(/Send 12 parked messages/, GROUP);
    await settled();
    expect(stage.telegram.answers).toHaveLength(5);
  });

  it('is answered when nothing can be done, and opens nothing to strangers', async () => {
    await stage.reporter.raise(firing('a'));
    const alert = await said(/source-silent/, GROUP);
    stage.telegram.forget(alert, 'nothing');
    stage.telegram.people.press({ id: 666 }, alert, 'Acknowledge');
    for (const data of ['', 'x', 'p.a.zzzz.1', 'g.a.zzzz', 'c.y.11111111-1111-4111-8111-111111111111']) stage.telegram.people.press(ANNA, alert, { data });
    await settled();
    expect(stage.telegram.answers.map(({ text }) => text)).toEqual(['You are not listed here.', ...Array.from({ length: 5 }, () => expect.stringMatching(/no longer says where this button stands/))]);
    expect(await actions()).toEqual([]);
  });
});
