import { refusal, type BotAnswer } from './bot-api.ts';

const UPDATES_MAX = 100;

/** An update as Telegram keeps it until it is confirmed. */
export interface BotUpdate {
  readonly update_id: number;
  readonly [kind: string]: unknown;
}

/**
 * Updates of a bot: kept until a question with a greater offset confirms them; one question waits at a time, and a newer
 * one ends an older one with 409, as Telegram does. Source: core.telegram.org/bots/api#getupdates.
 */
export interface UpdateQueue {
  push(content: Readonly<Record<string, unknown>>): BotUpdate;
  /** Not confirmed yet. */
  readonly pending: readonly BotUpdate[];
  getUpdates(payload: Readonly<Record<string, unknown>>): Promise<BotAnswer>;
  waits(): boolean;
  /** Whoever waits is told that there is nothing. */
  close(): void;
}

export function createUpdateQueue(): UpdateQueue {
  let pending: BotUpdate[] = [];
  let nextId = 1_000;
  let waiting: { readonly answer: (answer: BotAnswer) => void } | undefined;

  const batch = (limit: number): BotAnswer => ({ ok: true, result: pending.slice(0, limit) });

  function settle(answer: BotAnswer): void {
    const waiter = waiting;
    waiting = undefined;
    waiter?.answer(answer);
  }

  return {
    get pending() {
      return pending;
    },
    push(content) {
      // A repeated one keeps its number.
      const update: BotUpdate = { update_id: nextId, ...content };
      nextId += 1;
      pending.push(update);
      settle(batch(UPDATES_MAX));
      return update;
    },
    getUpdates(payload) {
      const offset = Number(payload['offset'] ?? 0);
      const timeoutMs = Number(payload['timeout'] ?? 0) * 1_000;
      const limit = Math.min(Number(payload['limit'] ?? UPDATES_MAX), UPDATES_MAX);
      settle(refusal(409, 'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running'));
      if (offset > 0) pending = pending.filter(({ update_id: id }) => id >= offset);
      if (pending.length > 0 || timeoutMs === 0) return Promise.resolve(batch(limit));
      return new Promise((resolve) => {
        const timer = setTimeout(() => settle(batch(limit)), timeoutMs);
        waiting = {
          answer(answer) {
            clearTimeout(timer);
            resolve(answer);
          },
        };
      });
    },
    waits: () => waiting !== undefined,
    close: () => settle(batch(UPDATES_MAX)),
  };
}
