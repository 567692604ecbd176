import { PrismaPg } from '@prisma/adapter-pg';
import { ingestResultStream, schedulingStream } from '@schoolbell/contracts';
import { openFoundation, type ServiceOptions } from '@schoolbell/messaging';
import { createPersonVerifier, personKeys, rememberVerified, type RunningService, type ServiceContext } from '@schoolbell/service-kit';
import { systemClock } from '@schoolbell/time';
import { timeZoneDatabaseProblems, timeZoneDatabaseVersion } from '@schoolbell/time/zones';
import { ACCEPTED, createAssessmentIntake } from './assessment/consumer.ts';
import { createSift } from './assessment/sift.ts';
import { prepare, type Env } from './config.ts';
import { createDeadlines } from './deadlines/deadlines.ts';
import { PrismaClient } from './generated/client.ts';
import { buildHttp } from './http.ts';
import { answerRequests } from './lessons/answering.ts';
import { createTimetable } from './lessons/query.ts';
import { createOverdueWatch } from './overdue/watch.ts';
import { createAsking } from './packages/asking.ts';
import { createRederivation } from './rederive/job.ts';
import { serveAnswers } from './requests/answering.ts';
import { createTell } from './store/tell.ts';

const SERVICE = 'scheduling';
/** A lesson's test may be told done a little later; nearly no result is of one. */
const RESULTS_GATHER_MS = 200;

export interface Scheduling extends RunningService {
  readonly url: string;
  /** What SIGHUP does. */
  reload(): Promise<boolean>;
}

/** The only place where the parts of scheduling meet. Starts also without Postgres and NATS; it is not ready then. */
export async function startScheduling(context: ServiceContext<Env>, options: ServiceOptions = {}): Promise<Scheduling> {
  const { env, log, metrics, health } = context;
  const clock = options.clock ?? systemClock;
  const { live, db, messaging, close } = await openFoundation({
    service: SERVICE,
    context,
    prepare,
    streams: [{ definition: schedulingStream }],
    clock,
    secrets: options.secrets,
    plans: 'by-key',
  });
  // A stale database in an image would move lessons by an hour and nobody would see an error.
  const problems = timeZoneDatabaseProblems();
  health.set('time-zones', problems.length === 0 ? 'ok' : 'degraded', problems.length === 0 ? timeZoneDatabaseVersion() : problems.join('; '));

  const prisma = new PrismaClient({ adapter: new PrismaPg(db.pool, { schema: SERVICE }) });
  const tell = createTell({ outbox: messaging.outbox });
  const durable = ingestResultStream.durables.find(({ service }) => service === SERVICE);
  if (durable === undefined) throw new Error('the contracts name no durable of scheduling');
  messaging.consume({
    stream: ingestResultStream, durable, accepts: ACCEPTED, apply: createAssessmentIntake({ clock, tell }), sift: createSift(db), gatherMs: RESULTS_GATHER_MS,
  });
  const timetable = createTimetable({ db, clock, metrics });
  const app = buildHttp({
    server: { log, metrics, health, tokens: () => live.current().tokens },
    verify: rememberVerified(createPersonVerifier({ ...personKeys('SCHEDULING', env), now: () => clock.now() }), () => clock.now()),
    api: { db, prisma, clock, tell, timetable },
    deadLetters: { db, consumers: messaging.consumers },
  });
  const jobs = [
    createDeadlines({ db, clock, tell, log, metrics }),
    createRederivation({ db, clock, tell, log, metrics, alerts: messaging.alerts }),
    createAsking({ db, clock, tell, log, metrics }),
    createOverdueWatch({ db, alerts: messaging.alerts, clock, overdueAfterMs: () => live.current().overdueAfterMs, log }),
  ];

  messaging.start();
  for (const job of jobs) job.start();
  const { nats } = messaging;
  const unserve = [answerRequests({ nats, db, timetable, log }), serveAnswers({ nats, db, clock, tell, log })];
  const url = await app.listen({ host: env.HOST, port: env.PORT });
  return {
    url,
    reload: live.reload,
    async stop() {
      // Requests in hand are answered before what they need goes away.
      await app.close();
      for (const stop of unserve) stop();
      await Promise.all(jobs.map((job) => job.stop()));
      await prisma.$disconnect();
      await close();
    },
  };
}
