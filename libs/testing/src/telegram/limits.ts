/** One message per second and chat, with a tolerance for the way there. Source: core.telegram.org/bots/faq. */
const CHAT_SPACING_MS = 900;
const GROUP_MESSAGES_PER_MINUTE = 20;
const BOT_MESSAGES_PER_SECOND = 30;

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

/** Telegram's limits for sending. Telegram itself is sometimes more patient; who keeps these is always safe. */
export interface TelegramLimits {
  /** Seconds to wait, or undefined: the message is accepted and counts. */
  judge(chatId: string, nowMs: number): number | undefined;
}

export function createTelegramLimits(): TelegramLimits {
  const byChat = new Map<string, number[]>();
  let all: number[] = [];

  return {
    judge(chatId, nowMs) {
      all = all.filter((atMs) => nowMs - atMs < SECOND_MS);
      const times = (byChat.get(chatId) ?? []).filter((atMs) => nowMs - atMs < MINUTE_MS);
      byChat.set(chatId, times);
      const isGroup = chatId.startsWith('-') || chatId.startsWith('@');
      const last = times.at(-1);
      if (all.length >= BOT_MESSAGES_PER_SECOND) return 1;
      if (isGroup && times.length >= GROUP_MESSAGES_PER_MINUTE) return Math.ceil((times[0]! + MINUTE_MS - nowMs) / SECOND_MS);
      if (last !== undefined && nowMs - last < CHAT_SPACING_MS) return 1;
      times.push(nowMs);
      all.push(nowMs);
      return undefined;
    },
  };
}
