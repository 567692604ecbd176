// The consumer of results on a database that loses the connection right after a commit: the effect is there, and
// whoever made it never learns it, as when the process is killed.
import { ingestResultCompleted, ingestResultRegraded, ingestResultStream, ingestResultVoided } from '@schoolbell/contracts';
import { createMessaging } from '@schoolbell/messaging';
import { createDatabase, createHealth, createLogger, createMetrics, type Database } from '@schoolbell/service-kit';
import { systemClock } from '@schoolbell/time';
import { createFold } from '../src/fold/fold.ts';
import { saveOrganizationRows } from '../src/organizations/store.ts';
import { ORGANIZATION } from './story.ts';

export interface Crashing {
  crashed(): number;
  stop(): Promise<void>;
}

export async function startCrashing(options: { databaseUrl: string; natsUrl: string; crashes: number }): Promise<Crashing> {
  const { databaseUrl, natsUrl, crashes } = options;
  const log = createLogger({ service: 'results', level: 'silent' });
  const metrics = createMetrics('results');
  const real = createDatabase({ url: databaseUrl, schema: 'results', log, metrics });
  await saveOrganizationRows(real, [{ id: ORGANIZATION, attemptPolicy: 'best', summaryLimits: { tests: 500, courses: 200 } }]);
  let crashed = 0;
  const fold = createFold({ clock: systemClock });
  const db: Database = {
    ...real,
    async transaction(work, settings) {
      const result = await real.transaction(work, settings);
      if (crashed === crashes) return result;
      crashed += 1;
      throw Object.assign(new Error('the connection was lost after the commit'), { code: 'ECONNRESET' });
    },
  };
  const parts = { service: 'results', databaseUrl, natsUrl, clock: systemClock, log, metrics, health: createHealth() } as const;
  // Without the stream of the summaries: who starts next tells them.
  const messaging = createMessaging({ ...parts, db, streams: [] });
  messaging.consume({
    stream: ingestResultStream,
    durable: ingestResultStream.durables[0]!,
    accepts: [ingestResultCompleted, ingestResultRegraded, ingestResultVoided],
    apply: (tx, events) => fold.apply(tx, events),
  });
  messaging.start();
  return {
    crashed: () => crashed,
    async stop() {
      await messaging.stop();
      await real.close();
    },
  };
}
