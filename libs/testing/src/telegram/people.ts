import type { SentMessage } from './bot-api.ts';
import type { BotUpdate, UpdateQueue } from './updates.ts';

/** Somebody with an account, who calls himself as he likes. */
export interface Person {
  readonly id: number;
  readonly first_name?: string;
}

/** What a press says of the message: an old or deleted one has only an id and the date 0. Source: core.telegram.org/bots/api#inaccessiblemessage. */
export type LeftOfMessage = 'all' | 'id' | 'nothing';

/** What people do in Telegram, as updates of the bot. */
export interface People {
  /** Writes something; a word that begins with "/" is a command. */
  write(from: Person, text: string, chatId?: number): BotUpdate;
  /** Presses a button of a message: its place, its text, or any data at all, as a forged client can. */
  press(from: Person, message: SentMessage, button: string | { readonly data: string }): BotUpdate;
  /** The same update again, as after a confirmation that never arrived. */
  repeat(update: BotUpdate): void;
}

export function createPeople(updates: UpdateQueue, left: (message: SentMessage) => LeftOfMessage): People {
  let lastMessage = 100_000;
  let presses = 0;
  const account = (from: Person) => ({ is_bot: false, first_name: `person ${from.id}`, ...from });
  const chat = (id: number) => (id < 0 ? { id, type: 'supergroup', title: 'a group' } : { id, type: 'private', first_name: 'x' });

  return {
    write(from, text, chatId = from.id) {
      lastMessage += 1;
      const [command] = /^\/\S+/.exec(text) ?? [];
      const entities = command === undefined ? {} : { entities: [{ type: 'bot_command', offset: 0, length: command.length }] };
      return updates.push({ message: { message_id: lastMessage, date: 0, from: account(from), chat: chat(chatId), text, ...entities } });
    },
    press(from, message, button) {
      const data = typeof button === 'string' ? message.keyboard.flat().find(({ text }) => text.includes(button))?.callback_data : button.data;
      if (data === undefined) throw new Error(`the message has no button "${String(button)}"`);
      const place = { message_id: message.messageId, chat: chat(Number(message.chatId)) };
      const shown = { all: { message: { ...place, date: 1, text: message.text } }, id: { message: { ...place, date: 0 } }, nothing: {} };
      return updates.push({ callback_query: { id: `q-${(presses += 1)}`, from: account(from), chat_instance: '1', data, ...shown[left(message)] } });
    },
    repeat: (update) => void updates.push(update),
  };
}
