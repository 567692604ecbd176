import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock, type Clock } from '@schoolbell/time';
import { refusal, refuseMessage, type BotAnswer, type SentMessage } from './bot-api.ts';
import { keyboardOf, refuseKeyboard } from './keyboards.ts';
import { createTelegramLimits } from './limits.ts';
import { createPeople, type LeftOfMessage, type People } from './people.ts';
import { createUpdateQueue, type BotUpdate } from './updates.ts';

const BODY_MAX_BYTES = 1_000_000;
const TOAST_MAX_LENGTH = 200;
const COMMANDS_MAX = 100;
const BOT = { id: 1, is_bot: true, first_name: 'Schoolbell', username: 'schoolbell_bot' };

/** What goes wrong with requests until it is taken back. */
export type TelegramFault =
  /** Answers with an error of the Bot API. */
  | { readonly kind: 'refuse'; readonly status: number; readonly description: string; readonly parameters?: Record<string, number> }
  /** Takes the request and never answers. */
  | { readonly kind: 'hang' }
  /** Closes the connection without looking. */
  | { readonly kind: 'reset' }
  /** Sends the message and closes the connection without saying so. */
  | { readonly kind: 'lose-answer' }
  /** Sends the message and never answers. */
  | { readonly kind: 'keep-answer' };

export interface BotRequest {
  readonly method: string;
  readonly chatId: string | undefined;
  /** Status of the answer; 0 without one. */
  readonly status: number;
  readonly atMs: number;
}

/** A Bot API on loopback that keeps Telegram's limits and errors. */
export interface TelegramStandIn {
  readonly apiRoot: string;
  readonly token: string;
  /** Accepted messages in the order of their arrival. */
  readonly messages: readonly SentMessage[];
  readonly requests: readonly BotRequest[];
  readonly people: People;
  /** Updates that nobody has confirmed. */
  unconfirmed(): readonly BotUpdate[];
  /** Somebody waits for updates. */
  waits(): boolean;
  /** Answers to presses: the id of the press, and what was said. */
  readonly answers: readonly { readonly id: string; readonly text: string }[];
  /** What the bot said of itself. */
  readonly profile: { readonly commands: readonly string[]; readonly webhook: string; readonly secretToken: string | undefined };
  /** It can no longer be edited, and presses of its buttons say only its id, or not even that. */
  forget(message: SentMessage, left: LeftOfMessage): void;
  /** A fault for one chat, or for all requests; undefined takes it back. */
  setFault(fault: TelegramFault | undefined, chatId?: string | number): void;
  /** Connections are refused from now on, until `listen()`. */
  close(): Promise<void>;
  /** Listens again, on the same port. */
  listen(): Promise<void>;
  /** Ends for good. */
  stop(): Promise<void>;
}

export async function startTelegram(
  options: { token?: string; /** Absent: every chat exists. */ chats?: readonly (string | number)[]; clock?: Clock } = {},
): Promise<TelegramStandIn> {
  const { token = '123456:stand-in-token', clock = systemClock } = options;
  const chats = options.chats === undefined ? undefined : new Set(options.chats.map(String));
  const limits = createTelegramLimits();
  const messages: SentMessage[] = [];
  const requests: BotRequest[] = [];
  const faults = new Map<string, TelegramFault>();
  const forgotten = new Map<string, LeftOfMessage>();

  const updates = createUpdateQueue();
  const answers: { id: string; text: string }[] = [];
  const answered = new Set<string>();
  const profile = { commands: [] as string[], webhook: '', secretToken: undefined as string | undefined };

  function sendMessage(payload: Record<string, unknown>): BotAnswer {
    const refused = refuseMessage(payload, chats) ?? refuseKeyboard(payload['reply_markup']);
    if (refused !== undefined) return refused;
    const chatId = String(payload['chat_id']);
    const retryAfter = limits.judge(chatId, clock.now());
    if (retryAfter !== undefined) return refusal(429, `Too Many Requests: retry after ${retryAfter}`, { retry_after: retryAfter });
    const message = { chatId, text: String(payload['text']), entities: (payload['entities'] ?? []) as SentMessage['entities'], messageId: messages.length + 1, atMs: clock.now(), keyboard: keyboardOf(payload['reply_markup']), replyTo: (payload['reply_parameters'] as { message_id?: number } | undefined)?.message_id };
    messages.push(message);
    return { ok: true, result: { message_id: message.messageId, date: Math.floor(message.atMs / 1_000), chat: { id: chatId }, text: message.text } };
  }

  function editReplyMarkup(payload: Record<string, unknown>): BotAnswer {
    const refused = refuseKeyboard(payload['reply_markup']);
    if (refused !== undefined) return refused;
    const at = messages.findIndex(({ chatId, messageId }) => chatId === String(payload['chat_id']) && messageId === payload['message_id']);
    const message = messages[at];
    if (message === undefined) return refusal(400, 'Bad Request: message to edit not found');
    if (forgotten.has(placeOf(message))) return refusal(400, "Bad Request: message can't be edited");
    const keyboard = keyboardOf(payload['reply_markup']);
    if (JSON.stringify(keyboard) === JSON.stringify(message.keyboard)) {
      return refusal(400, 'Bad Request: message is not modified: specified new message content and reply markup are exactly the same');
    }
    messages[at] = { ...message, keyboard };
    return { ok: true, result: true };
  }

  function answerCallbackQuery(payload: Record<string, unknown>): BotAnswer {
    const id = String(payload['callback_query_id']);
    const text = String(payload['text'] ?? '');
    if (text.length > TOAST_MAX_LENGTH) return refusal(400, 'Bad Request: MESSAGE_TOO_LONG');
    if (answered.has(id)) return refusal(400, 'Bad Request: query is too old and response timeout expired or query ID is invalid');
    answered.add(id);
    answers.push({ id, text });
    return { ok: true, result: true };
  }

  function setMyCommands(payload: Record<string, unknown>): BotAnswer {
    const commands = payload['commands'] as { command: string; description: string }[];
    const wrong = commands.length > COMMANDS_MAX || commands.some(({ command, description }) => !/^[a-z0-9_]{1,32}$/.test(command) || description.length < 1 || description.length > 256);
    if (wrong) return refusal(400, 'Bad Request: BOT_COMMAND_INVALID');
    profile.commands = commands.map(({ command }) => command);
    return { ok: true, result: true };
  }

  function setWebhook(url: string, secretToken?: string): BotAnswer {
    profile.webhook = url;
    profile.secretToken = secretToken;
    return { ok: true, result: true };
  }

  function call(method: string, payload: Record<string, unknown>): BotAnswer | Promise<BotAnswer> {
    switch (method) {
      case 'sendMessage':
        return sendMessage(payload);
      case 'getMe':
        return { ok: true, result: BOT };
      case 'getUpdates':
        return profile.webhook === '' ? updates.getUpdates(payload) : refusal(409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first");
      case 'answerCallbackQuery':
        return answerCallbackQuery(payload);
      case 'editMessageReplyMarkup':
        return editReplyMarkup(payload);
      case 'setMyCommands':
        return setMyCommands(payload);
      case 'setWebhook':
        return setWebhook(String(payload['url']), payload['secret_token'] as string | undefined);
      case 'deleteWebhook':
        return setWebhook('');
      default:
        return refusal(404, 'Not Found');
    }
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, presented, method = ''] = /^\/bot([^/]*)\/(\w+)$/.exec(request.url ?? '') ?? [];
    const payload = await readJson(request);
    const chatId = payload['chat_id'] === undefined ? undefined : String(payload['chat_id']);
    const note = (status: number): void => void requests.push({ method, chatId, status, atMs: clock.now() });
    const fault = faults.get(chatId ?? '') ?? faults.get('');
    if (fault?.kind === 'hang') return note(0);
    if (fault?.kind === 'lose-answer' || fault?.kind === 'keep-answer') await call(method, payload);
    if (fault?.kind === 'keep-answer') return note(0);
    if (fault?.kind === 'reset' || fault?.kind === 'lose-answer') {
      note(0);
      request.socket.destroy();
      return;
    }
    const answer = fault?.kind === 'refuse' ? refusal(fault.status, fault.description, fault.parameters) : await authorized(presented, () => call(method, payload));
    const status = answer.ok ? 200 : answer.error_code;
    note(status);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }

  /** Telegram takes a token of another shape for an unknown path. */
  function authorized(presented: string | undefined, proceed: () => BotAnswer | Promise<BotAnswer>): BotAnswer | Promise<BotAnswer> {
    if (presented === token) return proceed();
    return /^\d+:[\w-]+$/.test(presented ?? '') ? refusal(401, 'Unauthorized') : refusal(404, 'Not Found');
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => request.socket.destroy());
  });
  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      updates.close();
      server.close(() => resolve());
      server.closeAllConnections();
    });
  await listen(0);
  const { port } = server.address() as AddressInfo;

  return {
    apiRoot: `http://127.0.0.1:${port}`,
    token,
    messages,
    requests,
    people: createPeople(updates, (message) => forgotten.get(placeOf(message)) ?? 'all'),
    unconfirmed: () => updates.pending,
    waits: () => updates.waits(),
    answers,
    profile,
    forget: (message, left) => void forgotten.set(placeOf(message), left),
    setFault(fault, chatId = '') {
      if (fault === undefined) faults.delete(String(chatId));
      else faults.set(String(chatId), fault);
    },
    close,
    listen: () => listen(port),
    stop: close,
  };
}

const placeOf = ({ chatId, messageId }: SentMessage): string => `${chatId} ${messageId}`;

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > BODY_MAX_BYTES) throw new RangeError('the body is too large');
    chunks.push(chunk);
  }
  return length === 0 ? {} : (JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>);
}
