import { refusal, type BotAnswer } from './bot-api.ts';

/** A keyboard as the Bot API takes it. Source: core.telegram.org/bots/api#inlinekeyboardmarkup. */
export type InlineKeyboard = readonly (readonly { readonly text: string; readonly callback_data: string }[])[];

const CALLBACK_DATA_MAX_BYTES = 64;
const BUTTONS_MAX = 100;

/** What Telegram refuses of the buttons under a message. Undefined: nothing. */
export function refuseKeyboard(markup: unknown): BotAnswer | undefined {
  if (markup === undefined) return undefined;
  const { inline_keyboard: rows } = markup as { inline_keyboard?: unknown };
  if (!Array.isArray(rows) || !rows.every(Array.isArray)) return refusal(400, "Bad Request: can't parse inline keyboard");
  const buttons = rows.flat() as { text?: unknown; callback_data?: unknown }[];
  if (buttons.length > BUTTONS_MAX) return refusal(400, 'Bad Request: reply markup is too long');
  for (const { text, callback_data: data } of buttons) {
    if (typeof text !== 'string' || text.trim() === '') return refusal(400, 'Bad Request: text buttons are unallowed to be empty');
    const bytes = typeof data === 'string' ? Buffer.byteLength(data) : 0;
    if (bytes < 1 || bytes > CALLBACK_DATA_MAX_BYTES) return refusal(400, 'Bad Request: BUTTON_DATA_INVALID');
  }
  return undefined;
}

/** The buttons of a message; none when it has no keyboard. */
export const keyboardOf = (markup: unknown): InlineKeyboard => (markup === undefined ? [] : (markup as { inline_keyboard: InlineKeyboard }).inline_keyboard);
