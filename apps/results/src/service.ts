import { PrismaPg } from '@prisma/adapter-pg';
import {
  ingestResultCompleted,
  ingestResultRegraded,
  ingestResultStream,
  ingestResultVoided,
  resultsLearner,
  resultsRatingStream,
  resultsSummariesRepublish,
  resultsSummaryStream,
} from '@schoolbell/contracts';
import { openFoundation, serve, type ServiceOptions } from '@schoolbell/messaging';
import { createPeriodic, maintainDailyPartitions, type RunningService, type ServiceContext } from '@schoolbell/service-kit';
import { formatInstant, systemClock } from '@schoolbell/time';
import { prepare, type Env, type Prepared } from './config.ts';
import { createFold } from './fold/fold.ts';
import { PrismaClient } from './generated/client.ts';
import { buildHttp } from './http.ts';
import { createRecompute } from './organizations/recompute.ts';
import { createRefoldJob } from './organizations/refold-job.ts';
import { createRetelling } from './organizations/retell.ts';
import { createOrganizationSaving } from './organizations/saving.ts';
import { createRatingJob } from './ratings/push.ts';
import { createRatingReader } from './ratings/reader.ts';
import { readLearnerRevisions } from './reading/store.ts';
import { createSummaryLedger, QUEUE_KEEP_WHILE, summaryMessage } from './summaries/ledger.ts';

const SCHEMA = 'results';
/** As long as the outbox. */
const QUEUE_KEEP_DAYS = 14;
const PARTITIONS_EVERY_MS = 3_600_000;
const LEARNER_ORGANIZATIONS_SHOWN = 100;

export interface Results extends RunningService {
  readonly url: string;
  /** What SIGHUP does. */
  reload(): Promise<boolean>;
}

/** The only place where the parts of results meet. Starts also without Postgres and NATS; it is not ready then. */
export async function startResults(context: ServiceContext<Env>, options: ServiceOptions = {}): Promise<Results> {
  const { env, log, metrics, health } = context;
  const { clock = systemClock, secrets } = options;
  const streams = [{ definition: resultsSummaryStream, ledger: () => createSummaryLedger({ clock }) }, { definition: resultsRatingStream }];
  const { live, db, messaging, close } = await openFoundation({ service: SCHEMA, context, prepare, streams, clock, secrets, plans: 'by-key' });
  const fold = createFold({ clock, told: (summaries) => messaging.offer(resultsSummaryStream.name, summaries.map((summary) => summaryMessage(summary, clock.now()))) });
  const organizations = (): Prepared['organizations'] => live.current().organizations;
  const saving = createOrganizationSaving({ db, log, organizations });
  messaging.consume({
    stream: ingestResultStream,
    durable: ingestResultStream.durables[0]!,
    accepts: [ingestResultCompleted, ingestResultRegraded, ingestResultVoided],
    async apply(tx, events) {
      // An event of an organization that is not written down yet would be refused.
      await saving.save();
      return fold.apply(tx, events);
    },
  });
  live.listen({ applied: saving.save });

  const wake = (): void => messaging.wake();
  const retelling = createRetelling({ db, log, wake });
  const unserve = [
    serve({ nats: messaging.nats, log }, resultsSummariesRepublish, (wish) => retelling.request(wish)),
    serve({ nats: messaging.nats, log }, resultsLearner, async ({ learnerId }) => {
      const found = await readLearnerRevisions(db, { organizations: organizations().map(({ id }) => id), learnerId, limit: LEARNER_ORGANIZATIONS_SHOWN });
      return { items: found.map(({ updatedAtMs, ...learner }) => ({ ...learner, updatedAt: formatInstant(updatedAtMs) })) };
    }),
  ];
  const prisma = new PrismaClient({ adapter: new PrismaPg(db.pool, { schema: SCHEMA }) });
  const app = buildHttp({
    server: { log, metrics, health, tokens: () => live.current().tokens },
    reading: { db, organizations },
    ratings: { reader: createRatingReader({ db, clock, metrics }), organizations },
    organizations: { recompute: createRecompute(prisma) },
    imports: { db, fold, clock, wake },
    deadLetters: { db, consumers: messaging.consumers },
  });
  const jobs = [
    ...saving.jobs,
    createRefoldJob({ db, fold, log, wake }),
    createPeriodic({
      name: 'summary-queue-partitions',
      everyMs: PARTITIONS_EVERY_MS,
      log,
      run: async () => void (await maintainDailyPartitions(db, { table: 'summary_queue', keepDays: QUEUE_KEEP_DAYS, keepWhile: QUEUE_KEEP_WHILE }, clock.now())),
    }),
    retelling.job,
    createRatingJob({ db, outbox: messaging.outbox, organizations, clock, log }),
  ];

  await saving.save().catch((err: unknown) => log.warn({ err }, 'the organizations are written down later'));
  messaging.start();
  for (const job of jobs) job.start();
  const url = await app.listen({ host: env.HOST, port: env.PORT });
  return {
    url,
    reload: live.reload,
    async stop() {
      await app.close();
      for (const stop of unserve) stop();
      await Promise.all(jobs.map((job) => job.stop()));
      await prisma.$disconnect();
      await close();
    },
  };
}
