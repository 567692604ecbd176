import { ingestResultStream, ingestResultVoided, VoidData, type StreamDefinition } from '@schoolbell/contracts';
import { createDatabase, createHealth, createLogger, createMetrics, type Database } from '@schoolbell/service-kit';
import { systemClock, type Clock } from '@schoolbell/time';
import { createMessaging, createOutbox, type Apply, type Messaging, type Sift } from '../src/index.ts';

/** One replica of a service that only talks: messaging on a real database and a real server. */
export interface Talker {
  readonly db: Database;
  readonly messaging: Messaging;
  /** Commits one voided result per attempt id, each an event; the outbox tells the relay. */
  tell(attemptIds: readonly string[]): Promise<void>;
  /** The same without the outbox's doing, and the relay is given the rows at once. */
  tellAndOffer(attemptIds: readonly string[]): Promise<void>;
  /** The same, and nobody is told. */
  tellSilently(attemptIds: readonly string[]): Promise<void>;
  /** Rounds of publishing that the stream refused. */
  refusals(): Promise<number>;
  /** Committed and not in the stream yet. */
  pending(): Promise<number>;
  stop(): Promise<void>;
}

/** A replica of `results` that counts what it hears, by attempt id, under the durable of the contracts. */
export interface Listener {
  readonly db: Database;
  readonly heard: ReadonlyMap<string, number>;
  readonly messaging: Messaging;
  stop(): Promise<void>;
}

// In these tests nobody listens but the one durable: a floor only rises when all that are named have confirmed.
const oneListener: StreamDefinition = { ...ingestResultStream, durables: ingestResultStream.durables.slice(0, 1) };

export function createTalker(options: {
  service: 'ingest' | 'results';
  databaseUrl: string;
  natsUrl: string;
  streams?: readonly StreamDefinition[];
  /** One that stands still has nothing looked up that nobody asks for. */
  clock?: Clock;
}): Talker {
  const { service, databaseUrl, natsUrl, streams = [oneListener], clock = systemClock } = options;
  const log = createLogger({ service, level: 'silent' });
  const metrics = createMetrics(service);
  const db = createDatabase({ url: databaseUrl, schema: service, log, metrics });
  const messaging = createMessaging({
    service,
    databaseUrl,
    natsUrl,
    db,
    streams: streams.map((definition) => ({ definition })),
    clock,
    log,
    metrics,
    health: createHealth(),
  });
  const silent = createOutbox({ service, clock: systemClock });
  const append = (attemptIds: readonly string[], outbox = silent) => db.transaction((tx) => outbox.append(tx, attemptIds.map(voidOf)));
  return {
    db,
    messaging,
    tell: (attemptIds) => append(attemptIds, messaging.outbox),
    async tellAndOffer(attemptIds) {
      await append(attemptIds);
      const rows = await db.query<{ id: number; event_id: string; subject: string; body: string }>(newestRows, [attemptIds.length]);
      messaging.offer(ingestResultStream.name, rows.map(({ id, event_id: messageId, subject, body }) => ({ id, messageId, subject, body })));
    },
    tellSilently: (attemptIds) => append(attemptIds),
    async refusals() {
      const { values } = await metrics.registry.getSingleMetric('relay_interrupted_total')!.get();
      return values.reduce((sum, { value }) => sum + value, 0);
    },
    async pending() {
      const [row] = await db.query<{ count: number }>(unpublished, []);
      return row?.count ?? 0;
    },
    async stop() {
      await messaging.stop();
      await db.close();
    },
  };
}

const newestRows = { name: 'test_newest', text: 'SELECT id::float8 AS id, event_id::text AS event_id, subject, body FROM outbox ORDER BY id DESC LIMIT $1' };
const unpublished = {
  name: 'test_unpublished',
  text: `SELECT count(*)::int AS count FROM outbox LEFT JOIN stream_state USING (stream)
          WHERE id > coalesce(checked_id, 0) AND id NOT IN (SELECT unnest(ids) FROM publication WHERE stream = outbox.stream)`,
};

export function createListener(options: { databaseUrl: string; natsUrl: string; apply?: Apply; sift?: Sift; gatherMs?: number }): Listener {
  const heard = new Map<string, number>();
  const talker = createTalker({ service: 'results', streams: [], ...options });
  talker.messaging.consume({
    stream: ingestResultStream,
    durable: ingestResultStream.durables[0]!,
    accepts: [ingestResultVoided],
    ...(options.sift && { sift: options.sift }),
    ...(options.gatherMs !== undefined && { gatherMs: options.gatherMs }),
    apply: async (tx, events) => {
      const refusals = (await options.apply?.(tx, events)) ?? [];
      for (const { data } of events) {
        const { attemptId } = VoidData.parse(data);
        heard.set(attemptId, (heard.get(attemptId) ?? 0) + 1);
      }
      return refusals;
    },
  });
  talker.messaging.start();
  return { db: talker.db, heard, messaging: talker.messaging, stop: () => talker.stop() };
}

export const voidOf = (attemptId: string) => ({
  definition: ingestResultVoided,
  data: { source: 'platform', webhookId: `w-${attemptId}`, organizationId: 'acme', attemptId, timestamp: '2026-11-21T05:30:00.000Z' },
});

export const attemptIds = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
