// Where webhooks go, each kind through a queue of its own, so that rubbish from one source does not hold up the good
// webhooks of another.
import { classifyDatabaseError, createBatcher, type Batcher, type Database, type Log } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';
import type { Alarms } from '../alarms/alarms.ts';
import { quarantineBatch, type QuarantinedBody } from '../quarantine/store.ts';
import type { WebhookMetrics } from './metrics.ts';
import type { Conflict, Sinks } from './receive.ts';
import { acceptBatch, type AcceptedWebhook, type AcceptOutcome, type Told } from './store.ts';

/** Rows of one insert: more gain nothing and hold their locks for longer. */
const ACCEPT_ROWS_MAX = 200;
/** While one commit waits for the disk the next batch is on its way, if it is large enough to pay for its round trip. */
const ACCEPT_IN_FLIGHT_MAX = 2;
const ACCEPT_ROWS_BESIDE_MIN = 16;
/** Some 10 MiB of events, and at 2,000 a second less than the longest wait. */
const ACCEPT_QUEUED_MAX = 5000;
/** Quarantined rows carry bodies of up to 256 KiB: 16 MiB in the queue at most. */
const QUARANTINE_ROWS_MAX = 32;
const QUARANTINE_QUEUED_MAX = 64;
const CONFLICT_ROWS_MAX = 100;
const CONFLICT_QUEUED_MAX = 1000;
/** A sender's own timeout is rarely longer, and a 503 tells more than a closed connection. */
const WAIT_MAX_MS = 5000;

export interface RunningSinks extends Sinks {
  stop(): Promise<void>;
}

export function createSinks(deps: {
  db: Database;
  alarms: Alarms;
  clock: Clock;
  log: Log;
  metrics: Pick<WebhookMetrics, 'flushed' | 'watchQueue'>;
  /** Events of accepted webhooks were committed. */
  told: Told;
}): RunningSinks {
  const { db, alarms, clock, log, metrics, told } = deps;

  const reported = async <T>(name: string, flush: () => Promise<T>): Promise<T> => {
    try {
      return await flush();
    } catch (error) {
      // An outage has its own alarm; every batch of it in the log would bury what else is there.
      if (classifyDatabaseError(error) !== 'unavailable') log.error({ err: error, sink: name }, 'a batch could not be stored');
      throw error;
    }
  };

  const accepted = createBatcher<AcceptedWebhook, AcceptOutcome>({
    maxRows: ACCEPT_ROWS_MAX,
    maxInFlight: ACCEPT_IN_FLIGHT_MAX,
    minRowsBeside: ACCEPT_ROWS_BESIDE_MIN,
    maxQueued: ACCEPT_QUEUED_MAX,
    maxWaitMs: WAIT_MAX_MS,
    clock,
    async flush(items) {
      const startedMs = performance.now();
      const outcomes = await reported('accepted', () => acceptBatch(db, items, clock.now(), told));
      metrics.flushed(items.length, (performance.now() - startedMs) / 1000);
      return outcomes;
    },
  });
  const quarantined = single<QuarantinedBody>(QUARANTINE_ROWS_MAX, QUARANTINE_QUEUED_MAX, (items) =>
    reported('quarantined', () => quarantineBatch({ db, alarms }, items, clock.now())),
  );
  const conflicts = single<Conflict>(CONFLICT_ROWS_MAX, CONFLICT_QUEUED_MAX, (items) =>
    reported('conflicts', () => db.transaction((tx) => alarms.notice(tx, items.map(toNotice), clock.now()))),
  );
  metrics.watchQueue(() => accepted.queued());

  /** A sink without outcomes, one batch at a time. */
  function single<Item>(maxRows: number, maxQueued: number, write: (items: readonly Item[]) => Promise<void>): Batcher<Item, true> {
    return createBatcher<Item, true>({
      maxRows,
      maxInFlight: 1,
      maxQueued,
      maxWaitMs: WAIT_MAX_MS,
      clock,
      async flush(items) {
        await write(items);
        return items.map(() => true);
      },
    });
  }

  return {
    accept: (webhook) => accepted.submit(webhook),
    quarantine: (body) => quarantined.submit(body),
    conflict: (conflict) => conflicts.submit(conflict),
    async stop() {
      await Promise.all([accepted.stop(), quarantined.stop(), conflicts.stop()]);
    },
  };
}

function toNotice({ source, webhookId }: Conflict): Parameters<Alarms['notice']>[1][number] {
  return {
    kind: 'webhook-conflict',
    source,
    title: `${source} sends different bodies under one webhook id`,
    detail: `The last one was ${webhookId}. What was accepted first stands; the other was refused with 409 and not kept.`,
    times: 1,
    labels: { webhookId },
  };
}
