import { alertStream, type ServiceName, type StreamDefinition } from '@schoolbell/contracts';
import { createPeriodic, maintainDailyPartitions, type Database, type Health, type Log, type Metrics } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';
import { Gauge } from 'prom-client';
import { createAlerts, deadLetterAlert, type Alerts } from './alerts/alerts.ts';
import { createConfigurationAlert, type ConfigurationAlert } from './alerts/configuration-alert.ts';
import { watchDatabase } from './alerts/watch-database.ts';
import { watchBacklog } from './alerts/watch-backlog.ts';
import { createConsumer, type EventConsumer } from './consume/consumer.ts';
import { countDeadLetters } from './dead-letters/store.ts';
import { connectNats, type Nats } from './nats/connection.ts';
import { createOutboxLedger, OUTBOX_KEEP_WHILE } from './outbox/outbox-ledger.ts';
import { gathered } from './outbox/gathered.ts';
import { createOutbox, type Outbox } from './outbox/outbox.ts';
import type { Ledger, PendingMessage } from './relay/ledger.ts';
import { createOperations, type Operations } from './operations/operations.ts';
import { serveOperations } from './operations/serve-operations.ts';
import { consumerLag, type Consumed, type Lag } from './operations/lags.ts';
import { createRelay } from './relay/relay.ts';

const OUTBOX_KEEP_DAYS = 14;
const HOUSEKEEPING_EVERY_MS = 3_600_000;
const DEAD_LETTER_COUNT_EVERY_MS = 15_000;

type ConsumerOptions = Pick<Parameters<typeof createConsumer>[0], 'stream' | 'durable' | 'accepts' | 'apply' | 'sift' | 'gatherMs' | 'afterCommit' | 'onDead'>;

/** Everything one service needs to tell and to be told, wired once. */
export interface Messaging {
  readonly nats: Nats;
  readonly outbox: Outbox;
  readonly alerts: Alerts;
  /** For the callbacks of `watchConfiguration`. */
  readonly configuration: ConfigurationAlert;
  /** The consumers made so far, for the dead letter routes. */
  consumers(): readonly EventConsumer[];
  /** What waits for the consumers. */
  consumerLags(): Promise<Lag[]>;
  /** How the service is and what it could not handle, as it answers the notifier. */
  readonly operations: Operations;
  /** A consumer that starts and stops with the rest. What it parks raises the alert `dead-letter`. */
  consume(options: ConsumerOptions): EventConsumer;
  /** Say after a commit that events wait in a ledger; not needed for what the outbox has appended. */
  wake(): void;
  /** The same, with the rows of one stream: they need not be looked up. For the paths where that is felt. */
  offer(stream: string, rows: readonly PendingMessage[]): void;
  start(): void;
  /** First no new work, then what is committed is told, then the connection ends. */
  stop(): Promise<void>;
}

export function createMessaging(deps: {
  service: ServiceName;
  databaseUrl: string;
  natsUrl: string;
  db: Database;
  /** The service's own streams; without a ledger it is the outbox. The alert stream is added. */
  streams: readonly { readonly definition: StreamDefinition; readonly ledger?: () => Ledger }[];
  clock: Clock;
  log: Log;
  metrics: Metrics;
  health: Health;
}): Messaging {
  const { service, db, clock, log, metrics, health } = deps;
  const nats = connectNats({ url: deps.natsUrl, name: service, log });
  const outbox = createOutbox({ service, clock, appended: gathered((stream, rows) => relay.offer(stream, rows)) });
  const alerts = createAlerts({ service, outbox, nats, log });
  const consumers: EventConsumer[] = [];
  const consumed: Consumed[] = [];
  // The notifier raises no alerts on a stream: it would be telling itself.
  const own: typeof deps.streams = service === 'notifier' ? deps.streams : [...deps.streams, { definition: alertStream(service) }];
  const streams = own.map(({ definition, ledger = () => createOutboxLedger({ stream: definition.name, clock }) }) => ({ definition, ledger }));
  const relay = createRelay({
    databaseUrl: deps.databaseUrl,
    schema: service,
    db,
    nats,
    streams,
    clock,
    log,
    metrics,
    health,
    tellLoss: (session, { stream, reason }) =>
      alerts.raiseOn(session, {
        fingerprint: `stream-lost:${stream}`,
        kind: 'stream-lost',
        state: 'firing',
        severity: 'critical',
        title: `The stream ${stream} lost its messages`,
        detail: `Reason: ${reason}. It was made anew and what was not confirmed is published again; nothing needs to be done.`,
      }),
  });
  // The notifier watches its own database itself: it is the one who is told.
  const watch =
    service === 'notifier'
      ? undefined
      : watchDatabase({ service, databaseUrl: deps.databaseUrl, raiseDirect: (alert) => alerts.raiseDirect(alert), clock, log, health });
  const configuration = createConfigurationAlert({
    service,
    tell: (alert) => db.transaction((tx) => alerts.raise(tx, [alert])),
    log,
  });
  const backlog = watchBacklog({
    db,
    streams: streams.map(({ definition, ledger }) => ({ name: definition.name, ledger: ledger() })),
    raiseDirect: (alert) => alerts.raiseDirect(alert),
    clock,
    log,
  });
  const consumerLags = (): Promise<Lag[]> => Promise.all(consumed.map((one) => consumerLag(nats, one)));
  const operations = createOperations({
    service,
    db,
    health,
    consumers: () => consumers,
    consumerLags,
    streams: streams.map(({ definition, ledger }) => ({ name: definition.name, ledger: ledger() })),
    log,
  });
  // The notifier asks; nobody asks it.
  const unserve = service === 'notifier' ? undefined : serveOperations({ service, nats, operations, log });
  const openLetters = new Gauge({ name: 'dead_letters_open', help: 'Events parked because they could not be handled.', registers: [metrics.registry] });
  const jobs = [
    backlog,
    // The notifier tells of its own configuration itself.
    ...(service === 'notifier' ? [] : [configuration]),
    createPeriodic({
      name: 'outbox-partitions',
      everyMs: HOUSEKEEPING_EVERY_MS,
      log,
      run: async () => {
        await maintainDailyPartitions(db, { table: 'outbox', keepDays: OUTBOX_KEEP_DAYS, keepWhile: OUTBOX_KEEP_WHILE }, clock.now());
      },
    }),
    createPeriodic({ name: 'dead-letter-count', everyMs: DEAD_LETTER_COUNT_EVERY_MS, log, run: async () => openLetters.set(await countDeadLetters(db)) }),
  ];

  return {
    nats,
    outbox,
    alerts,
    configuration,
    consumers: () => consumers,
    operations,
    consumerLags,
    consume(options) {
      const onDead = service === 'notifier' ? undefined : deadLetterAlert(alerts);
      const consumer = createConsumer({
        nats,
        db,
        log,
        metrics,
        ...(onDead && { onDead }),
        ...options,
      });
      consumers.push(consumer);
      consumed.push({ stream: options.stream, durable: options.durable });
      return consumer;
    },
    wake: () => relay.wake(),
    offer: (stream, rows) => relay.offer(stream, rows),
    start() {
      relay.start();
      for (const job of jobs) job.start();
      for (const consumer of consumers) consumer.start();
      watch?.start();
    },
    async stop() {
      unserve?.();
      await Promise.all([...consumers, ...jobs, ...(watch === undefined ? [] : [watch])].map((part) => part.stop()));
      await relay.stop();
      await nats.close();
    },
  };
}
