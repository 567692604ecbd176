import { createOutbox } from '@schoolbell/messaging';
import { createDatabase, createLogger, createMetrics, type Database } from '@schoolbell/service-kit';
import { emptyTables, testDatabase } from '@schoolbell/testing';
import { ManualClock, parseInstant } from '@schoolbell/time';
import type { WeeklySlot } from '@schoolbell/time/zones';
import type { Command } from '../src/moves/commands.ts';
import type { Order, SaleRefusal } from '../src/packages/sell.ts';
import { sell, type Sold } from '../src/packages/store.ts';
import { addContract } from '../src/contracts/store.ts';
import { putParticipant, type ParticipantRole } from '../src/people/store.ts';
import { perform, type PerformDeps, type Performed, type Stale, type Unknown } from '../src/store/perform.ts';
import { poll, type Polled } from '../src/store/poll.ts';
import { createTell } from '../src/store/tell.ts';
import { manager } from './scene.ts';

/** The database of scheduling and what works on it, without HTTP and NATS, at a time of the test's choice. */
export interface Parts extends PerformDeps {
  readonly db: Database;
  readonly clock: ManualClock;
  /** Where the database is, for further replicas. */
  readonly url: string;
  person(id: string, role: ParticipantRole, zone?: string): Promise<void>;
  /** A teacher under contract for years. */
  teacher(id: string, zone?: string): Promise<void>;
  sell(order: Partial<Order>): Promise<Sold>;
  order(order: Order): Promise<Sold | SaleRefusal>;
  run(command: Command, ifVersion?: number): Promise<Performed | Unknown | Stale>;
  poll(): Promise<Polled>;
  sql<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>;
  clear(): Promise<void>;
  close(): Promise<void>;
}

export const BEGIN = parseInstant('2026-03-02T09:00:00Z');
const WEDNESDAY: WeeklySlot = { weekday: 3, time: '14:30' };

export async function openParts(now: number | string = BEGIN): Promise<Parts> {
  const database = await testDatabase('scheduling');
  const log = createLogger({ service: 'scheduling', level: 'silent', destination: { write: () => undefined } });
  const db = createDatabase({ url: database.url('scheduling'), schema: 'scheduling', log, metrics: createMetrics('scheduling'), maxConnections: 20 });
  const clock = new ManualClock(now);
  const tell = createTell({ outbox: createOutbox({ service: 'scheduling', clock }) });
  const deps = { db, clock, tell };
  const sql = async <Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> => (await db.pool.query<Row>(text, values)).rows;
  const person = (id: string, role: ParticipantRole, zone = 'Europe/Berlin') =>
    db.transaction(async (tx) => void (await putParticipant(tx, { id, role, zone, locale: 'en' }, clock.now())));
  const sellTo = (order: Order) => db.transaction((tx) => sell(tx, deps, order, manager));
  return {
    ...deps,
    url: database.url('scheduling'),
    sql,
    order: sellTo,
    person,
    async teacher(id, zone = 'Europe/Berlin') {
      await person(id, 'teacher', zone);
      await db.transaction((tx) => addContract(tx, { teacherId: id, zone, firstDay: '2026-01-01', lastDay: '2027-12-31' }));
    },
    async sell(order) {
      const sold = await sellTo({
        kind: 'individual', zone: 'Europe/Berlin', teacherId: 'tom', seats: [{ studentId: 'anna', partnerId: 'paul' }],
        startDate: '2026-03-02', weeks: 4, slots: [WEDNESDAY], minutes: 60, ...order,
      });
      if ('code' in sold) throw new Error(`not sold: ${JSON.stringify(sold)}`);
      return sold;
    },
    run: (command, ifVersion) => perform(deps, command, ifVersion),
    poll: () => poll(deps),
    async clear() {
      await emptyTables(sql, 'participant, teacher_contract, working_hours, package, seat, move_request, lesson, slot_claim, transition, idempotency, open_alert, outbox');
    },
    async close() {
      await db.close();
      await database.drop();
    },
  };
}
