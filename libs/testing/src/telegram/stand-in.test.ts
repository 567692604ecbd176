import { Api, GrammyError, HttpError } from 'grammy';
import { afterEach, describe, expect, it } from 'vitest';
import { waitFor } from '../wait-for.ts';
import { startTelegram, type TelegramStandIn } from './stand-in.ts';

let telegram: TelegramStandIn | undefined;

afterEach(() => telegram?.stop());

const connect = async (options: Parameters<typeof startTelegram>[0] = {}, token?: string): Promise<Api> => {
  telegram = await startTelegram(options);
  return new Api(token ?? telegram.token, { apiRoot: telegram.apiRoot, timeoutSeconds: 1 });
};
const errorOf = (call: Promise<unknown>): Promise<unknown> => call.then(() => undefined, (error: unknown) => error);

describe('startTelegram', () => {
  it('records what is sent, as a bot sees it', async () => {
    const api = await connect();
    const sent = await api.sendMessage(7, 'hello', { entities: [{ type: 'bold', offset: 0, length: 5 }] });
    expect(sent.message_id).toBe(1);
    expect(telegram!.messages).toMatchObject([{ chatId: '7', text: 'hello', entities: [{ type: 'bold', offset: 0, length: 5 }] }]);
    expect(await api.getMe()).toMatchObject({ is_bot: true });
  });

  it.each([
    ['123456:other', 401],
    ['nonsense', 404],
  ])('refuses the token %s', async (token, status) => {
    const api = await connect({}, token);
    expect(await errorOf(api.sendMessage(7, 'hello'))).toMatchObject({ error_code: status });
  });

  it('refuses what Telegram refuses', async () => {
    const api = await connect({ chats: [7] });
    expect(await errorOf(api.sendMessage(8, 'hello'))).toMatchObject({ error_code: 400, description: 'Bad Request: chat not found' });
    expect(await errorOf(api.sendMessage(7, 'x'.repeat(4_097)))).toMatchObject({ description: 'Bad Request: message is too long' });
    expect(await errorOf(api.sendMessage(7, ' '))).toMatchObject({ description: 'Bad Request: message text is empty' });
    expect(await errorOf(api.sendMessage(7, 'x', { entities: [{ type: 'bold', offset: 0, length: 2 }] }))).toMatchObject({ error_code: 400 });
    await api.sendMessage(7, 'one');
    const tooSoon = await errorOf(api.sendMessage(7, 'two'));
    expect(tooSoon).toBeInstanceOf(GrammyError);
    expect(tooSoon).toMatchObject({ error_code: 429, parameters: { retry_after: 1 } });
    expect(telegram!.messages.map(({ text }) => text)).toEqual(['one']);
  });

  it('fails as it is told to', async () => {
    const api = await connect();
    telegram!.setFault({ kind: 'refuse', status: 403, description: 'Forbidden: bot was blocked by the user' }, 7);
    expect(await errorOf(api.sendMessage(7, 'x'))).toMatchObject({ error_code: 403 });
    expect(await errorOf(api.sendMessage(8, 'x'))).toBeUndefined();
    telegram!.setFault({ kind: 'reset' });
    expect(await errorOf(api.sendMessage(9, 'x'))).toBeInstanceOf(HttpError);
    telegram!.setFault({ kind: 'hang' });
    expect(await errorOf(api.sendMessage(9, 'x'))).toBeInstanceOf(HttpError);
    telegram!.setFault({ kind: 'lose-answer' });
    expect(await errorOf(api.sendMessage(9, 'sent all the same'))).toBeInstanceOf(HttpError);
    expect(telegram!.messages.at(-1)).toMatchObject({ chatId: '9', text: 'sent all the same' });
    telegram!.setFault(undefined);
    expect(await errorOf(api.sendMessage(10, 'x'))).toBeUndefined();
  });

  it('can be away and come back at the same address', async () => {
    const api = await connect();
    await telegram!.close();
    expect(await errorOf(api.sendMessage(7, 'x'))).toBeInstanceOf(HttpError);
    await telegram!.listen();
    expect(await errorOf(api.sendMessage(7, 'x'))).toBeUndefined();
  });
});

describe('updates', () => {
  it('are kept until they are confirmed', async () => {
    const api = await connect();
    telegram!.people.write({ id: 7 }, '/status');
    const [first] = await api.getUpdates();
    expect(first).toMatchObject({ message: { text: '/status', entities: [{ type: 'bot_command', length: 7 }] } });
    expect(await api.getUpdates()).toHaveLength(1);
    expect(await api.getUpdates({ offset: first!.update_id + 1 })).toEqual([]);
    expect(telegram!.unconfirmed()).toEqual([]);
  });

  it('go to one who asks: a second question ends the first with 409, and a webhook ends all', async () => {
    const api = await connect();
    const patient = new Api(telegram!.token, { apiRoot: telegram!.apiRoot, timeoutSeconds: 30 });
    const older = errorOf(patient.getUpdates({ timeout: 20 }));
    await waitFor('the first waits', () => telegram!.waits());
    const newer = patient.getUpdates({ timeout: 20 });
    expect(await older).toMatchObject({ error_code: 409 });
    telegram!.people.write({ id: 7 }, 'hello');
    expect(await newer).toHaveLength(1);
    await api.setWebhook('https://bot.example/updates');
    expect(await errorOf(api.getUpdates())).toMatchObject({ error_code: 409 });
  });
});

describe('buttons', () => {
  const button = (data: string) => ({ reply_markup: { inline_keyboard: [[{ text: 'x', callback_data: data }]] } });

  it('have 64 bytes at most, and 100 under a message', async () => {
    const api = await connect();
    expect(await errorOf(api.sendMessage(7, 'x', button('ü'.repeat(33))))).toMatchObject({ description: 'Bad Request: BUTTON_DATA_INVALID' });
    const many = Array.from({ length: 101 }, () => [{ text: 'x', callback_data: 'x' }]);
    expect(await errorOf(api.sendMessage(7, 'x', { reply_markup: { inline_keyboard: many } }))).toMatchObject({ error_code: 400 });
    await api.sendMessage(7, 'x', button('ü'.repeat(32)));
    expect(telegram!.messages).toHaveLength(1);
  });

  it('can be changed, not into themselves, and a press is answered once', async () => {
    const api = await connect();
    await api.sendMessage(7, 'x', button('a'));
    expect(await errorOf(api.editMessageReplyMarkup(7, 1, button('a')))).toMatchObject({ description: expect.stringContaining('message is not modified') });
    await api.editMessageReplyMarkup(7, 1, button('b'));
    telegram!.people.press({ id: 7 }, telegram!.messages[0]!, 'x');
    const [press] = await api.getUpdates();
    expect(press).toMatchObject({ callback_query: { data: 'b', from: { id: 7 } } });
    await api.answerCallbackQuery(press!.callback_query!.id, { text: 'done' });
    expect(await errorOf(api.answerCallbackQuery(press!.callback_query!.id))).toMatchObject({ error_code: 400 });
    expect(telegram!.answers).toEqual([{ id: press!.callback_query!.id, text: 'done' }]);
  });

  it('of a message that is no longer kept say its id and the date 0, or nothing, and cannot be changed', async () => {
    const api = await connect();
    await api.sendMessage(7, 'x', button('a'));
    const [message] = telegram!.messages;
    telegram!.forget(message!, 'id');
    telegram!.people.press({ id: 7 }, message!, 'x');
    telegram!.forget(message!, 'nothing');
    telegram!.people.press({ id: 7 }, message!, 'x');
    const [old, gone] = await api.getUpdates();
    expect(old!.callback_query!.message).toEqual({ message_id: 1, date: 0, chat: expect.objectContaining({ id: 7 }) });
    expect(gone!.callback_query).not.toHaveProperty('message');
    expect(await errorOf(api.editMessageReplyMarkup(7, 1, button('b')))).toMatchObject({ description: "Bad Request: message can't be edited" });
  });
});
