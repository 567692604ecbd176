import { PrismaPg } from '@prisma/adapter-pg';
import { ingestResultStream } from '@schoolbell/contracts';
import { openFoundation, type ServiceOptions } from '@schoolbell/messaging';
import type { RunningService, ServiceContext } from '@schoolbell/service-kit';
import { systemClock } from '@schoolbell/time';
import { createAlarms } from './alarms/alarms.ts';
import { createRefusals } from './alarms/refusals.ts';
import { createSilence } from './alarms/silence.ts';
import { prepare, type Env } from './config.ts';
import { PrismaClient } from './generated/client.ts';
import { buildHttp } from './http.ts';
import { createJobs } from './jobs.ts';
import { answerRequests } from './quarantine/answering.ts';
import { createCatalog } from './quarantine/catalog.ts';
import { createReplayer } from './quarantine/replay.ts';
import { createRetention } from './retention/jobs.ts';
import { createWebhookMetrics } from './webhooks/metrics.ts';
import { createReceiver } from './webhooks/receive.ts';
import { createSinks } from './webhooks/sinks.ts';

const SCHEMA = 'ingest';

export interface Ingest extends RunningService {
  readonly url: string;
  /** What SIGHUP does. */
  reload(): Promise<boolean>;
}

/** The only place where the parts of ingest meet. Starts also without Postgres and NATS; it is not ready then. */
export async function startIngest(context: ServiceContext<Env>, options: ServiceOptions = {}): Promise<Ingest> {
  const { env, log, metrics, health } = context;
  const { clock = systemClock, secrets } = options;
  const streams = [{ definition: ingestResultStream }];
  const { live, db, messaging, close } = await openFoundation({ service: SCHEMA, context, prepare, streams, clock, secrets, plans: 'once' });
  const { outbox, alerts } = messaging;
  const alarms = createAlarms({ alerts });

  const webhookMetrics = createWebhookMetrics(metrics);
  const refusals = createRefusals({ db, alarms, clock });
  const silence = createSilence({ db, alarms, clock, sources: () => [...live.current().sources.values()] });
  const sinks = createSinks({ db, alarms, clock, log, metrics: webhookMetrics, told: (rows) => messaging.offer(ingestResultStream.name, rows) });
  const source = (id: string) => live.current().sources.get(id);
  const cipher = () => live.current().cipher;
  const prisma = new PrismaClient({ adapter: new PrismaPg(db.pool, { schema: SCHEMA }) });
  const quarantine = {
    catalog: createCatalog(prisma),
    replayer: createReplayer({ db, outbox, clock, source, cipher }),
    async replayed() {
      await db.transaction((tx) => alarms.resolveQuiet(tx, clock.now()));
      messaging.wake();
    },
  };
  const app = buildHttp({
    server: { log, metrics, health, tokens: () => live.current().tokens },
    webhooks: {
      receive: createReceiver({ source, cipher, outbox, sinks, clock, heard: silence.heard }),
      isSource: (id) => source(id) !== undefined,
      refusals,
      metrics: webhookMetrics,
    },
    quarantine,
    deadLetters: { db, consumers: messaging.consumers },
  });
  const jobs = createJobs({ db, alarms, refusals, silence, retention: createRetention({ db, clock }), clock, log, metrics });
  messaging.start();
  for (const job of jobs) job.start();
  const unserve = answerRequests({ nats: messaging.nats, db, ...quarantine, log });
  const url = await app.listen({ host: env.HOST, port: env.PORT });

  return {
    url,
    reload: live.reload,
    async stop() {
      // Requests in hand are answered before what they need goes away.
      await app.close();
      unserve();
      await sinks.stop();
      await Promise.all(jobs.map((job) => job.stop()));
      await refusals.flush().catch((err: unknown) => log.warn({ err }, 'the last refusals were not counted'));
      await prisma.$disconnect();
      await close();
    },
  };
}
