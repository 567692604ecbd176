import { backoffMs, type BackoffOptions, type Random } from '@schoolbell/time';
import type { SendOutcome } from './transport.ts';

/** Telegram asks for at most one message per second and chat; a little more for clocks that differ. */
export const CHAT_SPACING_MS = 1_100;
/**
 * Messages that a calm chat gets one after the other, and how long the next ones gather before they are one message.
 * Together at most 5 + 9 + 1 = 15 in any minute: below Telegram's 20 per minute for groups, and few enough to read.
 * With at most 20 chats the 30 messages per second of a bot are out of reach.
 */
export const BURST_MESSAGES = 5;
export const GATHER_MS = 6_000;

const OUTAGE_BACKOFF: BackoffOptions = { baseMs: 1_000, maxMs: 15_000 };
/** Telegram refuses the token or the chat: only a person can change that, and each try is a nuisance. */
const REFUSAL_BACKOFF: BackoffOptions = { baseMs: 30_000, maxMs: 900_000 };
/** Nobody sleeps longer than this on one answer of Telegram. */
const RETRY_AFTER_MAX_MS = 3_600_000;

/** When a chat may get its next message. */
export interface Pace {
  readonly notBeforeMs: number;
  /** The theoretical arrival time of the generic cell rate algorithm (ITU-T I.371): how far the burst is used up. */
  readonly burstUsedUntilMs: number;
  /** Telegram asked this chat to wait until then. */
  readonly heldUntilMs: number;
  /** Failures since the last message that arrived. */
  readonly failures: number;
  /** `unreachable`: Telegram knows no such chat, or the bot may not write there. */
  readonly state: 'ok' | 'failing' | 'unreachable';
  readonly lastError: string | null;
}

export const FRESH_PACE: Pace = Object.freeze({ notBeforeMs: 0, burstUsedUntilMs: 0, heldUntilMs: 0, failures: 0, state: 'ok', lastError: null });

/** A request to Telegram begins: it counts, whatever becomes of it. */
export function spend(pace: Pace, nowMs: number): Pace {
  const burstUsedUntilMs = Math.max(nowMs, pace.burstUsedUntilMs) + GATHER_MS;
  const notBeforeMs = Math.max(nowMs + CHAT_SPACING_MS, burstUsedUntilMs - (BURST_MESSAGES - 1) * GATHER_MS);
  return { ...pace, burstUsedUntilMs, notBeforeMs };
}

/** The request has ended. It may have taken long and arrived just now, so the distance to the next counts from here. */
export function settle(spent: Pace, outcome: SendOutcome, nowMs: number, random: Random): Pace {
  const pace = { ...spent, notBeforeMs: Math.max(spent.notBeforeMs, nowMs + CHAT_SPACING_MS) };
  const after = (ms: number): number => Math.max(pace.notBeforeMs, nowMs + ms);
  const failed = { ...pace, failures: pace.failures + 1 };
  switch (outcome.kind) {
    case 'sent':
      return { ...pace, failures: 0, state: 'ok', lastError: null };
    case 'rate-limited': {
      const heldUntilMs = nowMs + Math.min(outcome.retryAfterMs, RETRY_AFTER_MAX_MS);
      return { ...pace, heldUntilMs, notBeforeMs: Math.max(pace.notBeforeMs, heldUntilMs), lastError: 'Telegram asked to wait' };
    }
    case 'chat-moved':
    case 'message-refused':
      return { ...pace, lastError: outcome.reason };
    case 'chat-refused':
      return { ...failed, state: 'unreachable', lastError: outcome.reason, notBeforeMs: after(REFUSAL_BACKOFF.baseMs + backoffMs(pace.failures, REFUSAL_BACKOFF, random)) };
    case 'bot-refused':
      return { ...failed, state: 'failing', lastError: outcome.reason, notBeforeMs: after(REFUSAL_BACKOFF.baseMs + backoffMs(pace.failures, REFUSAL_BACKOFF, random)) };
    case 'failed':
      return { ...failed, state: 'failing', lastError: outcome.reason, notBeforeMs: after(backoffMs(pace.failures, OUTAGE_BACKOFF, random)) };
  }
}
