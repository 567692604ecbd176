import { createPeriodic, type Database, type Health, type Log, type Periodic } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';
import type { TelegramMetrics } from './metrics.ts';
import { chatStatus, type ChatStatus } from './queue-status.ts';

const LOOK_EVERY_MS = 5_000;

/** Keeps the metrics of the queue and the health check `telegram`. */
export function createQueueWatch(deps: {
  db: Database;
  chats: () => readonly string[];
  clock: Clock;
  log: Log;
  health: Health;
  metrics: TelegramMetrics;
}): Periodic & { oldestMs(): number | undefined } {
  const { db, clock, health, metrics } = deps;
  let oldestMs: number | undefined;
  const job = createPeriodic({
    name: 'telegram-queue',
    everyMs: LOOK_EVERY_MS,
    log: deps.log,
    run: async () => {
      const chats = await chatStatus(db, deps.chats());
      const waiting = chats.flatMap((chat) => chat.oldestMs ?? []);
      oldestMs = waiting.length === 0 ? undefined : Math.min(...waiting);
      metrics.queue(summarize(chats, clock.now()));
      metrics.chats(chats);
      const ill = chats.filter(({ state }) => state !== 'ok');
      if (ill.length === 0) health.set('telegram', 'ok');
      else health.set('telegram', 'degraded', ill.map(({ id, state, lastError }) => `chat ${id} is ${state}: ${lastError ?? 'no reason given'}`).join('; '));
    },
  });
  return { ...job, oldestMs: () => oldestMs };
}

export function summarize(chats: readonly ChatStatus[], nowMs: number): { notices: number; oldestSeconds: number } {
  const oldest = chats.map(({ oldestMs }) => oldestMs).filter((ms) => ms !== null);
  return {
    notices: chats.reduce((sum, { waiting }) => sum + waiting, 0),
    oldestSeconds: oldest.length === 0 ? 0 : Math.max(0, nowMs - Math.min(...oldest)) / 1_000,
  };
}
