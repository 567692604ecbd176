import type { AddressInfo } from 'node:net';
import { PrismaPg } from '@prisma/adapter-pg';
import type { AlertData } from '@schoolbell/contracts';
import { createMessaging, watchDatabase, type NewAlert } from '@schoolbell/messaging';
import { createDatabase, createPeriodic, createPersonVerifier, createSecretStore, personKeys, watchConfiguration, type RunningService, type ServiceContext } from '@schoolbell/service-kit';
import { systemClock, type Clock } from '@schoolbell/time';
import { audienceOf, prepare, spoolFile, type Env, type Prepared } from './config.ts';
import { createAnswerDesk } from './answers/desk.ts';
import { createAnswerStore } from './answers/store.ts';
import { createEmergency } from './emergency/emergency.ts';
import { PrismaClient } from './generated/client.ts';
import { createAdmin } from './bot/admin.ts';
import { createHeartbeat } from './heartbeat/heartbeat.ts';
import { buildHttp } from './http.ts';
import { createLive } from './inbox/live.ts';
import { createLinkKeys } from './links/keys.ts';
import { createLinks } from './links/links.ts';
import { createPostOffice } from './mail/post-office.ts';
import { renderFor } from './mail/writer.ts';
import { consumeScheduling } from './notices/consumer.ts';
import { findNotices } from './notices/store.ts';
import { createAttendant } from './problems/attendant.ts';
import type { Audience } from './problems/audience.ts';
import { createCatalog } from './problems/catalog.ts';
import { consumeAlerts, tellDeadLetters } from './problems/consumers.ts';
import { storable } from './problems/intake.ts';
import { createProblemLedger } from './problems/ledger.ts';
import { removeOld } from './retention.ts';
import { createTelegramMetrics } from './telegram/metrics.ts';
import { createQueue } from './telegram/queue.ts';
import { chatStatus } from './telegram/queue-status.ts';
import { createQueueWatch } from './telegram/queue-watch.ts';
import { createSender } from './telegram/sender.ts';
import { createTransports } from './telegram/transports.ts';
import { isOld, watchedBacklog } from './watch/backlog-probe.ts';
import { createStuckWatch } from './watch/stuck.ts';
import { hearDirectAlerts } from './watch/direct-alerts.ts';
import { createHearing } from './watch/hearing.ts';
import { watchedNats } from './watch/nats-probe.ts';
import { watchedService } from './watch/service-probe.ts';
import { createWatches } from './watch/watches.ts';

const SCHEMA = 'notifier';
const RETENTION_EVERY_MS = 3_600_000;

export interface Notifier extends RunningService {
  readonly url: string;
  /** What SIGHUP does. */
  reload(): Promise<boolean>;
}

export interface ServiceOptions {
  readonly clock?: Clock;
  /** Where secrets are looked up. */
  readonly secrets?: Readonly<Record<string, string | undefined>>;
}

/** The only place where the parts of the notifier meet. Starts, and tells what is wrong, also without Postgres and NATS. */
export async function startNotifier(context: ServiceContext<Env>, options: ServiceOptions = {}): Promise<Notifier> {
  const { env, log, metrics, health } = context;
  const { clock = systemClock, secrets = process.env } = options;

  const secretStore = createSecretStore(secrets);
  const live = await watchConfiguration<Prepared>({
    path: env.SCHOOLBELL_CONFIG,
    prepare: (configuration, attempt) => prepare(configuration, attempt, secretStore),
    log,
  });
  const chats = (): string[] => live.current().chats.map(({ id }) => id);
  const transport = createTransports(() => live.current().bot, log);

  const db = createDatabase({ url: env.DATABASE_URL, schema: SCHEMA, plans: 'by-key', log, metrics });
  const messaging = createMessaging({ service: 'notifier', databaseUrl: env.DATABASE_URL, natsUrl: env.NATS_URL, db, streams: [], clock, log, metrics, health });
  const { nats } = messaging;
  const telegramMetrics = createTelegramMetrics(metrics);
  const troubled = (): boolean => databaseWatch.trouble() !== undefined;
  const audience = (): Audience => audienceOf(live.current());
  const escalateAfterMs = (): number => live.current().escalateAfterMs;
  const ledger = createProblemLedger({ audience, escalateAfterMs });
  const takesCommands = (id: string): boolean => live.current().chats.some((chat) => chat.id === id && chat.commands);
  const queueSender = createSender({ source: createQueue({ db, chats, takesCommands }), transport, paused: troubled, clock, log, metrics: telegramMetrics });
  const hearing = createHearing({ nats, clock });
  const emergency = createEmergency({
    db,
    ledger,
    audience,
    escalateAfterMs,
    transport,
    queueSender,
    spoolFile: spoolFile(env),
    troubled,
    hearingSince: hearing.since,
    clock,
    log,
    metrics,
    telegramMetrics,
  });
  const databaseWatch = watchDatabase({
    service: 'notifier',
    databaseUrl: env.DATABASE_URL,
    raiseDirect: (alert) => report({ ...alert, service: 'notifier', labels: { ...alert.labels } }),
    clock,
    log,
    health,
    troubleState: 'degraded',
  });

  function report(alert: NewAlert & Pick<AlertData, 'service' | 'labels'>, level = true): void {
    emergency.take([{ sighting: { alert: storable(alert), atMs: clock.now(), level } }]);
  }

  const keys = createLinkKeys(() => live.current().linkKeys);
  const links = createLinks({ publicUrl: () => live.current().publicUrl, keys });
  const post = createPostOffice({
    db, settings: () => live.current().mail, folder: env.MAIL_FOLDER, links, clock, log, health, metrics,
    report: (alert) => report({ ...alert, service: 'notifier', labels: { ...alert.labels } }),
    async alert(tx, alert, nowMs) {
      await ledger.take(tx, [{ sighting: { alert: { ...alert, service: 'notifier', labels: { ...alert.labels } }, atMs: nowMs, level: false } }], nowMs);
      tx.afterCommit(() => queueSender.wake());
    },
  });
  const answers = createAnswerDesk({ findNotice: async (id) => (await findNotices(db, [id]))[0], store: createAnswerStore(db), keys, nats, clock, log });

  consumeAlerts({ messaging, ledger, clock, told: () => queueSender.wake() });
  consumeScheduling({ messaging, clock, metrics, onDead: tellDeadLetters({ ledger, clock }), about: post.about, told: post.wake });
  const inboxes = createLive({ db, databaseUrl: env.DATABASE_URL, log, metrics });
  const stopHearing = hearDirectAlerts({ nats, take: (arrivals) => emergency.take(arrivals), log });
  const watches = createWatches({ report, clock, log, metrics });
  const queueWatch = createQueueWatch({ db, chats, clock, log, health, metrics: telegramMetrics });
  const stuckWatch = createStuckWatch({ lags: () => messaging.consumerLags(), clock, log });
  const backlog = watchedBacklog({ oldestNoticeMs: queueWatch.oldestMs, stuckSince: stuckWatch.since }, clock);
  const watch = ({ watch: services }: Prepared): Promise<void> => watches.set([watchedNats(nats), backlog, ...services.map(watchedService)]);
  live.listen({
    async applied(current) {
      report({ ...CONFIGURATION_REFUSED, state: 'resolved', detail: 'The new configuration is in force.' });
      await watch(current);
    },
    refused: ({ message }) => report({ ...CONFIGURATION_REFUSED, state: 'firing', detail: message.slice(0, 2_000) }, false),
  });

  const prisma = new PrismaClient({ adapter: new PrismaPg(db.pool, { schema: SCHEMA }) });
  const catalog = createCatalog(prisma);
  const attendant = createAttendant({ clock });
  const admin = createAdmin({ env, live, db, messaging, catalog, attendant, troubled, databaseSeen: () => databaseWatch.answered(), queued: () => queueSender.wake(), clock, log, metrics });
  const vitals = {
    database: () => (databaseWatch.answered() ? databaseWatch.trouble() : 'the database has not answered yet'),
    nats: () => (nats.connected() ? undefined : 'there is no connection to NATS'),
    queue: () => (isOld(queueWatch.oldestMs(), clock.now()) ? 'messages to Telegram wait too long' : undefined),
    consumers: () => messaging.consumers().find((consumer) => !consumer.isWell())?.durable,
  };
  const app = buildHttp({
    server: { log, metrics, health, tokens: () => live.current().tokens },
    problems: { db, catalog, attendant },
    updates: admin.webhook,
    chats: { chats: () => live.current().chats, status: (ids) => chatStatus(db, ids) },
    mail: { mailboxes: post.mailboxes, clock, wake: post.wake },
    answers: { desk: answers, render: (notice) => renderFor(db, notice), clock, log },
    unsubscribe: { keys, unsubscribe: (readerId, topics) => post.mailboxes.unsubscribe(readerId, topics, clock.now()), log },
    people: { db, clock, live: inboxes, links, origins: () => live.current().inboxOrigins, verify: createPersonVerifier({ ...personKeys('NOTIFIER', env), now: () => clock.now() }) },
    deadLetters: { db, consumers: messaging.consumers },
  });
  const tidyUp = async (signal: AbortSignal): Promise<void> => {
    await post.giveUp(signal);
    await removeOld({ db, clock, inboxKeepMs: () => live.current().inboxKeepMs }, signal);
  };
  const jobs = [
    queueWatch,
    stuckWatch,
    createHeartbeat({ target: () => live.current().heartbeat, vitals, log, metrics }),
    post.watch,
    createPeriodic({ name: 'retention', everyMs: RETENTION_EVERY_MS, log, run: (signal) => tidyUp(signal) }),
  ];

  await emergency.start();
  report({ ...CONFIGURATION_REFUSED, state: 'resolved', detail: 'The configuration is in force.' });
  databaseWatch.start();
  queueSender.start();
  post.start();
  messaging.start();
  inboxes.start();
  await watch(live.current());
  for (const job of jobs) job.start();
  admin.start();
  await app.listen({ host: env.HOST, port: env.PORT });
  const { address, port, family } = app.server.address() as AddressInfo;

  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    reload: live.reload,
    async stop() {
      live.close();
      await app.close();
      await inboxes.stop();
      await admin.stop();
      // First nobody reports any more, then what was reported is told, then the connections end.
      stopHearing();
      await Promise.all([watches.stop(), databaseWatch.stop(), ...jobs.map((job) => job.stop())]);
      await messaging.stop();
      await post.stop();
      await emergency.stop();
      await queueSender.stop();
      hearing.stop();
      await prisma.$disconnect();
      await db.close();
    },
  };
}

const CONFIGURATION_REFUSED = {
  fingerprint: 'configuration-refused:notifier',
  kind: 'configuration-refused',
  severity: 'warning',
  service: 'notifier',
  title: 'notifier keeps its old configuration, the new one is wrong',
  labels: {},
} as const;
