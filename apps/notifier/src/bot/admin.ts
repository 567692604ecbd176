import type { Messaging } from '@schoolbell/messaging';
import type { Database, LiveConfiguration, Log, Metrics } from '@schoolbell/service-kit';
import { parseInstant, type Clock } from '@schoolbell/time';
import { createServices } from '../acts/services.ts';
import type { OpenProblem } from '../commands/status.ts';
import type { Env, Prepared } from '../config.ts';
import { createDigest } from '../digest/job.ts';
import type { Attendant } from '../problems/attendant.ts';
import type { Catalog } from '../problems/catalog.ts';
import { createBots, type Mode, type TelegramBot } from './bots.ts';
import { createUpdateHandler } from './handler.ts';
import { createLine } from './line.ts';
import { createBotMetrics } from './metrics.ts';
import { createPoller, reasonOf } from './poller.ts';
import { createRegistrar, type webhookRoutes } from './webhook.ts';

/** Problems that are asked for at once; texts show fewer. */
const PROBLEMS_MAX = 20;

/** The admin in Telegram: updates in, effects and answers out, and the daily digest. */
export interface Admin {
  readonly webhook: Parameters<typeof webhookRoutes>[1];
  start(): void;
  stop(): Promise<void>;
}

export function createAdmin(deps: {
  env: Pick<Env, 'DATABASE_URL'>;
  live: Pick<LiveConfiguration<Prepared>, 'current'>;
  db: Database;
  messaging: Messaging;
  catalog: Catalog;
  attendant: Attendant;
  troubled: () => boolean;
  databaseSeen: () => boolean;
  queued: () => void;
  clock: Clock;
  log: Log;
  metrics: Metrics;
}): Admin {
  const { live, db, messaging, catalog, attendant, troubled, queued, clock, log } = deps;
  const metrics = createBotMetrics(deps.metrics);
  const services = createServices({ nats: messaging.nats, own: messaging.operations, log });
  const openProblems = async (): Promise<{ total: number; items: OpenProblem[] }> => {
    const { total, items } = await catalog.open(PROBLEMS_MAX);
    const now = clock.now();
    return { total, items: items.map(({ mutedUntil, ...problem }) => ({ ...problem, muted: mutedUntil !== null && parseInstant(mutedUntil) > now })) };
  };
  /** There is a bot to talk to only where somebody may. */
  const commanded = (): Prepared['bot'] => (live.current().chats.some(({ commands }) => commands) ? live.current().bot : undefined);
  const handler = createUpdateHandler({
    db, services, attendant, openProblems, admission: () => live.current(), line: createLine({ api: () => bot()?.bot.api, log }), troubled, queued, clock, log, metrics,
  });
  const bot: () => TelegramBot | undefined = createBots({ current: commanded, handler });
  const mode = (): Mode => live.current().webhook;
  const jobs = [
    createPoller({ databaseUrl: deps.env.DATABASE_URL, bot, mode, troubled, databaseSeen: deps.databaseSeen, log, metrics }),
    createRegistrar({ mode, bot, log }),
    createDigest({
      db, services, openProblems, plan: () => live.current().digest, queued, clock, log,
      chats: () => live.current().chats.filter(({ escalation }) => !escalation).map(({ id }) => id),
    }),
  ];
  return {
    webhook: { mode, bot, failed: (error) => log.warn({ reason: reasonOf(error) }, 'an update of telegram could not be handled') },
    start: () => jobs.forEach((job) => job.start()),
    stop: async () => void (await Promise.all(jobs.map((job) => job.stop()))),
  };
}
