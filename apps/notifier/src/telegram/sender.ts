import type { Log } from '@schoolbell/service-kit';
import { waitMs, type Clock } from '@schoolbell/time';
import type { TelegramMetrics } from './metrics.ts';
import type { Claim, MessageSource } from './source.ts';
import type { SendOutcome, Transport } from './transport.ts';

/** How often the queue is looked at while something happens, and while nothing does. */
const BUSY_POLL_MS = 250;
const IDLE_POLL_MS = 1_000;
const IDLE_AFTER_MS = 30_000;
const SETTLE_RETRY_MS = 500;

/** Carries messages from a source to Telegram: each chat on its own, one message at a time. */
export interface Sender {
  start(): void;
  /** Something may wait. */
  wake(): void;
  /** Resolves when nothing is on its way. */
  idle(): Promise<void>;
  /** Begins nothing more and finishes what is on its way. */
  stop(): Promise<void>;
}

export function createSender<C extends Claim>(deps: {
  source: MessageSource<C>;
  transport: () => Transport;
  /** Undefined, or why the source cannot be asked now. */
  paused?: () => boolean;
  clock: Clock;
  log: Log;
  metrics: TelegramMetrics;
}): Sender {
  const { source, clock, log, metrics } = deps;
  const stopping = new AbortController();
  const busy = new Map<string, Promise<void>>();
  let running: Promise<void> | undefined;
  let activeAtMs = 0;
  let rouse = new AbortController();

  async function deliver(claim: C): Promise<void> {
    const { chatId, address, message, alerts } = claim;
    const outcome = await deps.transport().send(address, message);
    metrics.sent(outcome.kind, outcome.kind === 'sent' ? alerts : 0);
    report(chatId, outcome);
    // What was sent must be marked: while the mark fails, the chat stays busy here.
    for (;;) {
      try {
        return await source.settle(claim, outcome, clock.now());
      } catch (error) {
        log.warn({ err: error, chat: chatId, outcome: outcome.kind }, 'a message could not be marked, trying again');
        if (stopping.signal.aborted) return;
        await waitMs(SETTLE_RETRY_MS, stopping.signal);
      }
    }
  }

  function report(chat: string, outcome: SendOutcome): void {
    switch (outcome.kind) {
      case 'sent':
        return;
      case 'rate-limited':
        return log.info({ chat, retryAfterMs: outcome.retryAfterMs }, 'telegram asked to wait');
      case 'failed':
        return log.warn({ chat, reason: outcome.reason }, 'telegram could not be reached');
      case 'chat-moved':
        return log.warn({ chat, to: outcome.to }, 'telegram moved a chat, write its new id into the configuration');
      case 'chat-refused':
        return log.error({ chat, reason: outcome.reason }, 'a chat refuses the bot, its messages wait');
      case 'bot-refused':
        return log.error({ chat, reason: outcome.reason }, 'telegram refuses the bot token, all messages wait');
      case 'message-refused':
        return log.error({ chat, reason: outcome.reason }, 'telegram refuses a text');
    }
  }

  async function next(): Promise<C | undefined> {
    if (deps.paused?.() === true) return undefined;
    try {
      return await source.claim(clock.now(), new Set(busy.keys()));
    } catch (error) {
      log.debug({ err: error }, 'the message queue cannot be read');
      return undefined;
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      rouse = new AbortController();
      const claim = await next();
      if (claim === undefined) {
        const pollMs = clock.now() - activeAtMs < IDLE_AFTER_MS ? BUSY_POLL_MS : IDLE_POLL_MS;
        await waitMs(pollMs, AbortSignal.any([stopping.signal, rouse.signal]));
        continue;
      }
      activeAtMs = clock.now();
      const delivery = deliver(claim).finally(() => busy.delete(claim.chatId));
      busy.set(claim.chatId, delivery);
    }
  }

  return {
    start() {
      running ??= run();
    },
    wake() {
      activeAtMs = clock.now();
      rouse.abort();
    },
    async idle() {
      await Promise.all(busy.values());
    },
    async stop() {
      stopping.abort();
      await running;
      await Promise.all(busy.values());
    },
  };
}
