import { PrismaPg } from '@prisma/adapter-pg';
import { deliveryStream, resultsRatingStream, resultsRatingUpdated, resultsSummariesRepublish, resultsSummaryStream, resultsSummaryUpdated } from '@schoolbell/contracts';
import { openFoundation, request, type ServiceOptions } from '@schoolbell/messaging';
import { createPeriodic, maintainDailyPartitions, type RunningService, type ServiceContext } from '@schoolbell/service-kit';
import { systemClock, systemRandom } from '@schoolbell/time';
import { answerRequests } from './api/answering.ts';
import { createControl } from './api/control.ts';
import { createAttemptLog } from './attempts/log.ts';
import { createAttemptMetrics } from './attempts/metrics.ts';
import { createDatabaseClock } from './clock/database-clock.ts';
import type { Env } from './config.ts';
import { createAnnouncer } from './destination/announce.ts';
import { prepareDelivery, type DeliveryConfiguration } from './destination/compile.ts';
import { createRegistrar } from './destination/registrar.ts';
import { createDispatcher } from './dispatch/dispatcher.ts';
import type { Attempted } from './dispatch/delivery.ts';
import { PrismaClient } from './generated/client.ts';
import { buildHttp } from './http.ts';
import { createIntake } from './intake/intake.ts';
import { createReplayRunner } from './replay/runner.ts';
import { createWatch } from './watch/watch.ts';

const SCHEMA = 'delivery';
const ATTEMPT_KEEP_DAYS = 30;
const PARTITIONS_EVERY_MS = 3_600_000;

export interface Delivery extends RunningService {
  readonly url: string;
  /** What SIGHUP does. */
  reload(): Promise<boolean>;
}

/** The only place where the parts of delivery meet. Starts also without Postgres and NATS; it is not ready then. */
export async function startDelivery(context: ServiceContext<Env>, options: ServiceOptions = {}): Promise<Delivery> {
  const { env, log, metrics, health } = context;
  const random = systemRandom;
  const clock = createDatabaseClock(options.clock ?? systemClock);
  const streams = [{ definition: deliveryStream }];
  const { secrets } = options;
  const { live, db, messaging, close } = await openFoundation({ service: SCHEMA, context, prepare: prepareDelivery, streams, clock, secrets, plans: 'by-entry' });
  const { alerts, outbox, nats } = messaging;
  const announcer = createAnnouncer({ outbox, alerts });

  const attemptLog = createAttemptLog({ db, log, metrics });
  // Changes together with the lines: between a reload and them nobody may see what they do not know.
  let inForce = live.current();
  const configuration = (): DeliveryConfiguration => inForce;
  const countAttempt = createAttemptMetrics(metrics, () => [...inForce.destinations.keys()].map((id) => [id, dispatcher.line(id)?.inFlight() ?? 0]));
  const onAttempt = (attempted: Attempted): void => {
    countAttempt(attempted);
    attemptLog.add(attempted);
  };
  const dispatcher = createDispatcher({ db, announcer, clock, random, log, metrics, onAttempt });
  const registrar = createRegistrar({ db, clock, log });
  const applied = (next: DeliveryConfiguration): void => {
    inForce = next;
    const { destinations } = next;
    dispatcher.configure(destinations);
    registrar.register([...destinations.values()]);
  };

  const intake = createIntake({ configuration, dispatcher, clock, registered: registrar.registered });
  for (const [stream, definition] of [
    [resultsSummaryStream, resultsSummaryUpdated],
    [resultsRatingStream, resultsRatingUpdated],
  ] as const) {
    const [durable] = stream.durables;
    messaging.consume({ stream, durable: durable!, accepts: [definition], apply: intake });
  }

  const wake = (id: string): void => dispatcher.line(id)?.wake();
  const runner = createReplayRunner({ db, clock, log, wake });
  const watch = createWatch({ db, alerts, configuration, clock, log, metrics });
  const partitions = createPeriodic({
    name: 'attempt-partitions',
    everyMs: PARTITIONS_EVERY_MS,
    log,
    run: async () => void (await maintainDailyPartitions(db, { table: 'attempt', keepDays: ATTEMPT_KEEP_DAYS }, clock.now())),
  });
  const prisma = new PrismaClient({ adapter: new PrismaPg(db.pool, { schema: SCHEMA }) });
  const control = createControl({ db, announcer, clock });
  const app = buildHttp({
    server: { log, metrics, health, tokens: () => live.current().tokens },
    destinations: { db, prisma, configuration, control, dispatcher, clock, onAttempt },
    undelivered: { db, prisma, configuration },
    replay: { db, prisma, configuration, dispatcher, runner, republish: (payload) => request(nats, resultsSummariesRepublish, payload), clock },
    cutover: { prisma, configuration, clock },
    deadLetters: { db, consumers: messaging.consumers },
  });

  applied(inForce);
  live.listen({ applied });
  const jobs = [dispatcher, runner, watch, partitions];
  for (const job of jobs) job.start();
  messaging.start();
  const unserve = answerRequests({ nats, db, prisma, configuration, control, dispatcher, runner, clock, log });
  const url = await app.listen({ host: env.HOST, port: env.PORT });

  return {
    url,
    reload: live.reload,
    async stop() {
      await app.close();
      unserve();
      await registrar.stop();
      // What is in flight ends and is written down; what is told of it waits in the outbox if the relay has gone.
      await Promise.all(jobs.map((job) => job.stop()));
      await attemptLog.stop();
      await prisma.$disconnect();
      await close();
    },
  };
}
