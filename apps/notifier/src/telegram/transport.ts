import type { Log } from '@schoolbell/service-kit';
import { Api, GrammyError, HttpError } from 'grammy';
import type { Keyboard, OutgoingMessage } from './keyboard.ts';

/** Below the lease of a chat, so that a request has ended before anybody else may send there. */
export const SEND_TIMEOUT_SECONDS = 8;
const REASON_MAX_LENGTH = 300;

/** What became of one request to Telegram. */
export type SendOutcome =
  | { readonly kind: 'sent'; readonly telegramId: number | null }
  | { readonly kind: 'rate-limited'; readonly retryAfterMs: number }
  /** The bot was blocked or removed, or there is no such chat: the other chats are not concerned. */
  | { readonly kind: 'chat-refused'; readonly reason: string }
  /** A group became a supergroup and has another id now. */
  | { readonly kind: 'chat-moved'; readonly to: string; readonly reason: string }
  /** The token is wrong. */
  | { readonly kind: 'bot-refused'; readonly reason: string }
  /** This text is never accepted. */
  | { readonly kind: 'message-refused'; readonly reason: string }
  /** Outage, timeout, 5xx: perhaps later. */
  | { readonly kind: 'failed'; readonly reason: string };

export interface Transport {
  /** Never rejects. */
  send(chat: string, message: OutgoingMessage): Promise<SendOutcome>;
}

/** The Bot API through grammY. Formatting travels as entities, so no text can be taken for markup. */
export function createTelegramTransport(options: { token: string; apiRoot: string }): Transport {
  const api = new Api(options.token, { apiRoot: options.apiRoot.replace(/\/+$/, ''), timeoutSeconds: SEND_TIMEOUT_SECONDS });
  return {
    async send(chat, { text, entities, keyboard, replyTo }) {
      try {
        const sent = await api.sendMessage(chat, text, {
          entities: [...entities],
          link_preview_options: { is_disabled: true },
          ...(keyboard && { reply_markup: markupOf(keyboard) }),
          // The message may be deleted meanwhile; the answer is worth more than the link to it.
          ...(replyTo && { reply_parameters: { message_id: replyTo, allow_sending_without_reply: true } }),
        });
        return { kind: 'sent', telegramId: sent.message_id };
      } catch (error) {
        return outcomeOf(error, options.token);
      }
    },
  };
}

/** Buttons as the Bot API takes them. */
export function markupOf(keyboard: Keyboard) {
  return { inline_keyboard: keyboard.map((row) => row.map(({ text, data }) => ({ text, callback_data: data }))) };
}

/** Without a bot token the admin reads the log. */
export function createLogTransport(log: Log): Transport {
  return {
    send(_chat, { text }) {
      log.warn({ text }, 'alert, only logged because no bot token is configured');
      return Promise.resolve({ kind: 'sent', telegramId: null });
    },
  };
}

/** The one place where an answer of Telegram is understood. Source: core.telegram.org/api/errors and /bots/api. */
export function outcomeOf(error: unknown, token: string): SendOutcome {
  const reason = describe(error).replaceAll(token, '<token>').slice(0, REASON_MAX_LENGTH);
  if (!(error instanceof GrammyError)) return { kind: 'failed', reason };
  const { error_code: status, description, parameters } = error;
  if (status === 429) return { kind: 'rate-limited', retryAfterMs: (parameters.retry_after ?? 1) * 1_000 };
  if (status === 401 || status === 404) return { kind: 'bot-refused', reason };
  if (status === 403) return { kind: 'chat-refused', reason };
  if (status === 400) {
    if (parameters.migrate_to_chat_id !== undefined) return { kind: 'chat-moved', to: String(parameters.migrate_to_chat_id), reason };
    return CHAT_UNKNOWN.test(description) ? { kind: 'chat-refused', reason } : { kind: 'message-refused', reason };
  }
  return { kind: 'failed', reason };
}

const CHAT_UNKNOWN = /chat not found|chat_id is empty|PEER_ID_INVALID|group chat was deactivated|not enough rights|have no rights|need administrator rights|CHAT_WRITE_FORBIDDEN|TOPIC_CLOSED|user not found/i;

function describe(error: unknown): string {
  if (error instanceof GrammyError) return `${error.error_code} ${error.description}`;
  if (error instanceof HttpError) return `${error.message} (${describe(error.error)})`;
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return [code, message].filter((part) => typeof part === 'string').join(' ') || String(error);
}
