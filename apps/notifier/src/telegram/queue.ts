import { randomUUID } from 'node:crypto';
import type { Database, Tx } from '@schoolbell/service-kit';
import { systemRandom, type Random } from '@schoolbell/time';
import { messageKeyboard } from '../buttons/keyboard.ts';
import { pressablesOf } from '../buttons/store.ts';
import { leaseChat, lockLeasedChat, lockReadyChat, releaseChat, type Chat } from './chat-store.ts';
import { apology, compose } from './compose.ts';
import { addKeyboard, countAttempt, insertMessage, markRefused, markSent, pendingMessage, rewordMessage, waitingNotices, type PendingMessage } from './message-store.ts';
import { settle as settlePace, spend } from './pace.ts';
import type { Claim, MessageSource } from './source.ts';
import { SEND_TIMEOUT_SECONDS, type SendOutcome } from './transport.ts';

/** Outlasts a request to Telegram by a margin for its mark and for clocks of replicas that differ. */
export const LEASE_MS = SEND_TIMEOUT_SECONDS * 1_000 + 12_000;
/** Notices that one message takes up: more only in a flood that never was. */
const NOTICES_PER_MESSAGE = 5_000;

export interface QueueClaim extends Claim {
  readonly message: PendingMessage;
  readonly token: string;
}

/**
 * The queue of all chats in Postgres. A claim locks the chat's row, composes the text of everything that waits, and
 * leaves a lease: a crash before the mark repeats that one message, and no two replicas write into a chat at once.
 */
export function createQueue(deps: {
  db: Database;
  chats: () => readonly string[];
  /** Whether people may act in the chat: its alerts get buttons. */
  takesCommands: (chatId: string) => boolean;
  random?: Random;
}): MessageSource<QueueClaim> {
  const { db, chats, random = systemRandom } = deps;

  async function next(tx: Tx, chat: Chat, nowMs: number): Promise<PendingMessage | undefined> {
    const former = await pendingMessage(tx, chat.id);
    if (former !== undefined) return former;
    const waiting = await waitingNotices(tx, chat.id, NOTICES_PER_MESSAGE);
    if (waiting.length === 0) return undefined;
    const message = await insertMessage(tx, chat.id, compose(waiting.map(({ notice }) => notice)), waiting.map(({ id }) => id), nowMs);
    if (!deps.takesCommands(chat.id)) return message;
    const problems = await pressablesOf(tx, [...new Set(waiting.map(({ notice }) => notice.fingerprint))]);
    const keyboard = messageKeyboard(BigInt(message.id), problems, nowMs);
    return keyboard.length === 0 ? message : addKeyboard(tx, message, keyboard);
  }

  async function mark(tx: Tx, { message }: QueueClaim, outcome: SendOutcome, nowMs: number): Promise<void> {
    if (outcome.kind === 'sent') await markSent(tx, message.id, outcome.telegramId, nowMs);
    if (outcome.kind !== 'message-refused') return;
    const sorry = apology(message.alerts);
    if (message.text === sorry.text) await markRefused(tx, message.id);
    else await rewordMessage(tx, message.id, sorry);
  }

  return {
    claim: (nowMs, busy) =>
      db.transaction(async (tx) => {
        const chat = await lockReadyChat(tx, chats().filter((id) => !busy.has(id)), nowMs);
        if (chat === undefined) return undefined;
        const message = await next(tx, chat, nowMs);
        if (message === undefined) return undefined;
        const token = randomUUID();
        await countAttempt(tx, message.id);
        await leaseChat(tx, chat.id, token, nowMs + LEASE_MS, spend(chat.pace, nowMs));
        return { chatId: chat.id, address: chat.address, message, alerts: message.alerts, token };
      }),
    settle: (claim, outcome, nowMs) =>
      db.transaction(async (tx) => {
        const chat = await lockLeasedChat(tx, claim.chatId, claim.token);
        await mark(tx, claim, outcome, nowMs);
        // Without the lease somebody else answers for the chat by now; what was sent is sent all the same.
        if (chat === undefined) return;
        const address = outcome.kind === 'chat-moved' ? outcome.to : chat.address;
        await releaseChat(tx, { id: chat.id, address, pace: settlePace(chat.pace, outcome, nowMs, random) }, claim.token);
      }),
  };
}
