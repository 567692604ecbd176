import { createAlerts, createOutbox, type Outbox } from '@schoolbell/messaging';
import { createDatabase, createLogger, createMetrics, type Database } from '@schoolbell/service-kit';
import { emptyTables, testDatabase } from '@schoolbell/testing';
import { ManualClock } from '@schoolbell/time';
import { createAlarms, type Alarms } from '../src/alarms/alarms.ts';

export interface Parts {
  readonly db: Database;
  readonly alarms: Alarms;
  readonly outbox: Outbox;
  readonly clock: ManualClock;
  sql<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>;
  /** Alerts told so far, as "state fingerprint". */
  told(): Promise<string[]>;
  /** Empties the tables; the clock goes on. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** The database of ingest with the parts that write to it, without HTTP and NATS, at a time of the test's choice. */
export async function openParts(now = '2026-11-21T05:30:00.000Z'): Promise<Parts> {
  const database = await testDatabase('ingest');
  const log = createLogger({ service: 'ingest', level: 'silent', destination: { write: () => undefined } });
  const db = createDatabase({ url: database.url('ingest'), schema: 'ingest', log, metrics: createMetrics('ingest') });
  const clock = new ManualClock(now);
  const outbox = createOutbox({ service: 'ingest', clock });
  const nats = { current: () => undefined, connected: () => false } as unknown as Parameters<typeof createAlerts>[0]['nats'];
  const alarms = createAlarms({ alerts: createAlerts({ service: 'ingest', outbox, nats, log }) });
  const sql = async <Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> => (await db.pool.query<Row>(text, values)).rows;
  return {
    db,
    alarms,
    outbox,
    clock,
    sql,
    async told() {
      const rows = await sql<{ body: string }>(`SELECT body FROM outbox WHERE stream = 'ALERTS_INGEST' ORDER BY id`);
      return rows.map(({ body }) => {
        const { state, fingerprint } = (JSON.parse(body) as { data: { state: string; fingerprint: string } }).data;
        return `${state} ${fingerprint}`;
      });
    },
    async clear() {
      await emptyTables(sql, 'accepted_webhook, quarantine, source_state, refusal, open_alert, job_run, outbox');
    },
    async close() {
      await db.close();
      await database.drop();
    },
  };
}
