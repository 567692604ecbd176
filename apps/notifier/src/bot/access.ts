import type { Chat, User } from '../config.ts';

/** Where an update comes from, as Telegram says. Names that people give themselves are not read. */
export interface Origin {
  readonly chatId: string;
  readonly userId: number;
}

/** Somebody who may act, in a chat where that is allowed. */
export interface Operator {
  /** As the configuration has it. */
  readonly chatId: string;
  readonly user: User;
}

/** Both must be listed, the chat and the person. `home` is the configured chat that Telegram has moved here, if any. */
export function admit({ chatId, userId }: Origin, { chats, users }: { chats: readonly Chat[]; users: readonly User[] }, home?: string): Operator | undefined {
  const chat = chats.find(({ id, commands }) => commands && (id === chatId || id === home));
  const user = users.find(({ id }) => id === userId);
  return chat === undefined || user === undefined ? undefined : { chatId: chat.id, user };
}

/** Where this person may command. A private chat has the number of its person: nobody else can press anything there. */
export function chatsOf(userId: number, chats: readonly Chat[]): string[] {
  return chats.filter(({ id, commands }) => commands && (!/^\d+$/.test(id) || id === String(userId))).map(({ id }) => id);
}

/** How an operator stands in records: the name is the configuration's, not what the account calls itself. */
export const signatureOf = ({ id, name }: User): string => `${name} (telegram ${id})`;
