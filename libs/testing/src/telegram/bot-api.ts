import type { InlineKeyboard } from './keyboards.ts';

/** What a request to the Bot API is answered with. Source: core.telegram.org/bots/api#making-requests. */
export type BotAnswer =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error_code: number; readonly description: string; readonly parameters?: Readonly<Record<string, number>> };

export interface SentMessage {
  /** As it is now: a bot may change it. */
  readonly keyboard: InlineKeyboard;
  readonly replyTo: number | undefined;
  readonly chatId: string;
  readonly text: string;
  readonly entities: readonly { readonly type: string; readonly offset: number; readonly length: number }[];
  readonly messageId: number;
  readonly atMs: number;
}

const TEXT_MAX_LENGTH = 4_096;
const ENTITIES_MAX = 100;

export const refusal = (error_code: number, description: string, parameters?: Record<string, number>): BotAnswer =>
  parameters === undefined ? { ok: false, error_code, description } : { ok: false, error_code, description, parameters };

/** What Telegram checks of a sendMessage before it looks at the limits. Undefined: nothing is wrong with it. */
export function refuseMessage(payload: Readonly<Record<string, unknown>>, chats: ReadonlySet<string> | undefined): BotAnswer | undefined {
  const { chat_id: chatId, text, entities } = payload;
  if (chatId === undefined || chatId === '') return refusal(400, 'Bad Request: chat_id is empty');
  if (chats !== undefined && !chats.has(String(chatId))) return refusal(400, 'Bad Request: chat not found');
  if (typeof text !== 'string' || text.trim() === '') return refusal(400, 'Bad Request: message text is empty');
  if (!text.isWellFormed()) return refusal(400, 'Bad Request: strings must be encoded in UTF-8');
  if (text.length > TEXT_MAX_LENGTH) return refusal(400, 'Bad Request: message is too long');
  if (payload['parse_mode'] !== undefined) return refusal(400, 'Bad Request: this stand-in takes entities, not markup');
  return entities === undefined ? undefined : refuseEntities(entities, text.length);
}

function refuseEntities(entities: unknown, length: number): BotAnswer | undefined {
  if (!Array.isArray(entities) || entities.length > ENTITIES_MAX) return refusal(400, 'Bad Request: too many entities');
  const wrong = entities.some(
    (entity: { offset?: unknown; length?: unknown }) =>
      typeof entity.offset !== 'number' || typeof entity.length !== 'number' || entity.offset < 0 || entity.length < 1 || entity.offset + entity.length > length,
  );
  return wrong ? refusal(400, "Bad Request: entity doesn't lie within the text") : undefined;
}
