import { Bot } from 'grammy';
import { COMMANDS } from '../commands/table.ts';
import type { UpdateHandler } from './handler.ts';
import { ended } from './signal.ts';

/** Telegram holds a question for updates so long; the request may take a little longer. */
export const POLL_SECONDS = 25;
const REQUEST_SECONDS = 8;
export const ALLOWED_UPDATES = ['message', 'callback_query'] as const;

/** How updates reach the bot. */
export type Mode = { readonly url: string; readonly secretToken: string } | undefined;

/** A bot that understands updates and knows how to be registered. */
export interface TelegramBot {
  readonly bot: Bot;
  /** For long polling, with a longer patience. */
  readonly poller: Bot;
  /** Name, commands, and the way of updates, told to Telegram once per bot and mode. Rejects when Telegram is away. */
  register(mode: Mode, signal?: AbortSignal): Promise<void>;
}

/** grammY reads updates: who, where, which command, for which bot. What they mean is the handler's. */
export function createTelegramBot({ token, apiRoot, handler }: { token: string; apiRoot: string; handler: UpdateHandler }): TelegramBot {
  const root = apiRoot.replace(/\/+$/, '');
  const bot = new Bot(token, { client: { apiRoot: root, timeoutSeconds: REQUEST_SECONDS } });
  const poller = new Bot(token, { client: { apiRoot: root, timeoutSeconds: POLL_SECONDS + REQUEST_SECONDS } });
  let registered: string | undefined;

  // Of a message that it no longer keeps Telegram says only the id, or nothing.
  bot.on('callback_query', async ({ update, callbackQuery: { id, data = '', message, from } }) => {
    await handler.press({ updateId: update.update_id, chatId: message && String(message.chat.id), userId: from.id, messageId: message?.message_id }, { id, data });
  });
  for (const { name } of COMMANDS) {
    bot.command(name, async ({ update, from, chat, msg, match }) => {
      if (from !== undefined) await handler.command({ updateId: update.update_id, chatId: String(chat.id), userId: from.id, messageId: msg.message_id }, name, match);
    });
  }
  // In a private chat everything is for the bot; in a group only what it knows.
  bot.chatType('private').on('message', async ({ update, from, chat, msg }) => {
    await handler.command({ updateId: update.update_id, chatId: String(chat.id), userId: from.id, messageId: msg.message_id }, '', '');
  });

  return {
    bot,
    poller,
    async register(mode, signal) {
      const key = JSON.stringify(mode ?? null);
      if (registered === key) return;
      // grammY's own init would try for ever while Telegram is away, and hold up the end.
      if (!bot.isInited()) bot.botInfo = await bot.api.getMe(ended(signal));
      await bot.api.setMyCommands(COMMANDS.map(({ name, summary }) => ({ command: name, description: summary })), {}, ended(signal));
      if (mode === undefined) await bot.api.deleteWebhook({}, ended(signal));
      else await bot.api.setWebhook(mode.url, { secret_token: mode.secretToken, allowed_updates: [...ALLOWED_UPDATES] }, ended(signal));
      registered = key;
    },
  };
}

/** One bot per token and address, made anew when the configuration names others. */
export function createBots(deps: { current: () => { token: string; apiRoot: string } | undefined; handler: UpdateHandler }): () => TelegramBot | undefined {
  let made: { readonly key: string; readonly bot: TelegramBot } | undefined;
  return () => {
    const wanted = deps.current();
    if (wanted === undefined) return undefined;
    const key = `${wanted.apiRoot} ${wanted.token}`;
    if (made?.key !== key) made = { key, bot: createTelegramBot({ ...wanted, handler: deps.handler }) };
    return made.bot;
  };
}
