import { becomeLeader } from '@schoolbell/messaging';
import type { Log } from '@schoolbell/service-kit';
import { systemRandom, waitMs, type Random } from '@schoolbell/time';
import { BotError, GrammyError, HttpError } from 'grammy';
import { ALLOWED_UPDATES, POLL_SECONDS, type Mode, type TelegramBot } from './bots.ts';
import type { BotMetrics } from './metrics.ts';
import { ended } from './signal.ts';

const LOOK_EVERY_MS = 250;
/** The session of a leader breaks at once, and its database is known to be away only after some probes. */
const TROUBLE_SHOWS_AFTER_MS = 5_000;
const RETRY_MS = 1_000;
/** Somebody else asks for updates with this token: one of the two must be patient. */
const CONFLICT_BASE_MS = 5_000;
const UPDATES_MAX = 50;
/** An update that fails so often is given up, or it would hold up all that come after it. */
const TRIES_MAX = 5;

/**
 * Asks Telegram for updates, in one replica: the one with an advisory lock in Postgres. When Postgres goes away nobody
 * else can become it, so it goes on, and can say why nothing can be done.
 */
export function createPoller(deps: {
  databaseUrl: string;
  /** Undefined: no chat takes commands. */
  bot: () => TelegramBot | undefined;
  mode: () => Mode;
  troubled: () => boolean;
  /** The database has answered since the start. */
  databaseSeen: () => boolean;
  log: Log;
  metrics: BotMetrics;
  random?: Random;
}): { start(): void; stop(): Promise<void> } {
  const { log, metrics, random = systemRandom } = deps;
  const stopping = new AbortController();
  let running: Promise<void> | undefined;

  const polls = (): TelegramBot | undefined => (deps.mode() === undefined ? deps.bot() : undefined);

  /** Fires when the condition holds. */
  function when(condition: () => boolean): { signal: AbortSignal; end: () => void } {
    const met = new AbortController();
    const ended = new AbortController();
    void (async () => {
      while (!ended.signal.aborted && !stopping.signal.aborted && !condition()) await waitMs(LOOK_EVERY_MS, AbortSignal.any([ended.signal, stopping.signal]));
      met.abort();
    })();
    return { signal: met.signal, end: () => ended.abort() };
  }

  async function handle({ bot }: TelegramBot, update: Parameters<TelegramBot['bot']['handleUpdate']>[0], signal: AbortSignal): Promise<void> {
    for (let tries = 1; !signal.aborted; tries += 1) {
      try {
        return await bot.handleUpdate(update);
      } catch (error) {
        log.warn({ ...causeOf(error), update: update.update_id, tries }, 'an update of telegram could not be handled');
        if (tries === TRIES_MAX) return metrics.update('given-up');
        await waitMs(RETRY_MS, signal);
      }
    }
  }

  /**
   * Without an offset Telegram gives the oldest that is not confirmed; asking with one confirms what is before it. The
   * offset is used once: ids begin anew somewhere else after a quiet week, and a remembered one would swallow them.
   */
  async function poll(signal: AbortSignal): Promise<void> {
    let offset: number | undefined;
    metrics.polling(true);
    while (!signal.aborted) {
      const telegram = polls();
      if (telegram === undefined) break;
      try {
        await telegram.register(undefined, signal);
        const confirm = offset === undefined ? {} : { offset };
        const updates = await telegram.poller.api.getUpdates({ ...confirm, limit: UPDATES_MAX, timeout: POLL_SECONDS, allowed_updates: [...ALLOWED_UPDATES] }, ended(signal));
        offset = undefined;
        for (const update of updates) {
          await handle(telegram, update, signal);
          // What was not handled because of the end comes again.
          if (!signal.aborted) offset = update.update_id + 1;
        }
      } catch (error) {
        if (signal.aborted) break;
        const conflict = error instanceof GrammyError && error.error_code === 409;
        log.warn({ reason: reasonOf(error) }, conflict ? 'somebody else asks telegram for updates with this token' : 'telegram cannot be asked for updates');
        await waitMs(conflict ? CONFLICT_BASE_MS * (1 + random()) : RETRY_MS * (1 + random()), signal);
      }
    }
    metrics.polling(false);
  }

  async function lead(): Promise<void> {
    const trouble = when(deps.troubled);
    const changed = when(() => polls() === undefined);
    const leadership = await becomeLeader({
      url: deps.databaseUrl,
      schema: 'notifier',
      name: 'telegram-poll',
      channel: 'notifier_telegram_poll',
      log,
      signal: AbortSignal.any([stopping.signal, trouble.signal, changed.signal]),
    });
    trouble.end();
    changed.end();
    if (leadership === undefined) return;
    const over = new AbortController();
    const polling = poll(AbortSignal.any([stopping.signal, over.signal]));
    await Promise.race([polling, new Promise<void>((resolve) => (leadership.lost.aborted ? resolve() : leadership.lost.addEventListener('abort', () => resolve(), { once: true })))]);
    if (leadership.lost.aborted) await outage(stopping.signal);
    over.abort();
    await polling;
    await leadership.release();
  }

  /** Until the database that took the lead away with it is back. */
  async function outage(signal: AbortSignal): Promise<void> {
    const shows = when(deps.troubled);
    await waitMs(TROUBLE_SHOWS_AFTER_MS, AbortSignal.any([signal, shows.signal]));
    shows.end();
    while (deps.troubled() && !signal.aborted) await waitMs(LOOK_EVERY_MS, signal);
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      if (polls() === undefined) await waitMs(LOOK_EVERY_MS * 4, stopping.signal);
      else if (!deps.troubled()) await lead();
      else if (deps.databaseSeen()) await waitMs(LOOK_EVERY_MS, stopping.signal);
      else {
        // Started without a database: nobody could become the one, and somebody must say why nothing works.
        const back = when(() => !deps.troubled());
        await poll(AbortSignal.any([stopping.signal, back.signal]));
        back.end();
      }
    }
  }

  return {
    start() {
      running ??= run();
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** grammY wraps what a handler throws together with the whole bot, token included. */
function causeOf(error: unknown): object {
  const cause = error instanceof BotError ? (error.error as unknown) : error;
  return cause instanceof GrammyError || cause instanceof HttpError ? { reason: reasonOf(cause) } : { err: cause };
}

/** Never the address of a request: the token stands in it. */
export function reasonOf(error: unknown): string {
  if (error instanceof BotError) return reasonOf(error.error);
  if (error instanceof GrammyError) return `${error.error_code} ${error.description}`;
  return error instanceof Error ? error.name : 'unknown';
}
