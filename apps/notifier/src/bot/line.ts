import type { Log } from '@schoolbell/service-kit';
import { waitMs } from '@schoolbell/time';
import { GrammyError, type Api } from 'grammy';
import { markupOf } from '../telegram/transport.ts';
import { cut, type StyledText } from '../telegram/text.ts';
import type { Keyboard } from '../telegram/keyboard.ts';

/** Telegram's limit for the notice over a button. Source: core.telegram.org/bots/api#answercallbackquery. */
const TOAST_MAX_LENGTH = 200;
const PATIENCE_SECONDS = 10;

/** What is said past the queue, at once and best effort. Nothing here rejects. */
export interface Line {
  /** Every press is answered, or the button goes on turning. */
  answerPress(id: string, text: string): Promise<void>;
  editKeyboard(chat: string, messageId: number, keyboard: Keyboard): Promise<void>;
  say(chat: string, text: StyledText): Promise<void>;
}

export function createLine({ api, log }: { /** Undefined: the configuration has just taken the bot away. */ api: () => Api | undefined; log: Log }): Line {
  async function attempt(what: string, work: () => Promise<unknown> | undefined): Promise<void> {
    try {
      await work();
    } catch (error) {
      const description = error instanceof GrammyError ? error.description : '';
      // Two presses at once edit the same message to the same buttons, and a press may be older than Telegram remembers.
      if (/message is not modified|query is too old|query ID is invalid|message to edit not found|message can't be edited/.test(description)) return;
      log.info({ what, reason: description || (error instanceof Error ? error.name : 'unknown') }, 'telegram did not take what was said past the queue');
    }
  }
  return {
    answerPress: (id, text) => attempt('answer', () => api()?.answerCallbackQuery(id, { text: cut(text, TOAST_MAX_LENGTH) })),
    editKeyboard: (chat, messageId, keyboard) => attempt('edit', () => api()?.editMessageReplyMarkup(chat, messageId, { reply_markup: markupOf(keyboard) })),
    say: (chat, { text, entities }) => {
      const send = () => api()?.sendMessage(chat, text, { entities: [...entities], link_preview_options: { is_disabled: true } });
      return attempt('say', async () => {
        try {
          await send();
        } catch (error) {
          // An alert may have gone there a moment ago: one more try after the pause that Telegram asks for.
          if (!(error instanceof GrammyError) || error.error_code !== 429) throw error;
          await waitMs(Math.min(error.parameters.retry_after ?? 1, PATIENCE_SECONDS) * 1_000);
          await send();
        }
      });
    },
  };
}
