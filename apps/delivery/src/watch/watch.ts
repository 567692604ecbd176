import type { Alerts } from '@schoolbell/messaging';
import { createPeriodic, type Database, type Log, type Metrics, type Periodic } from '@schoolbell/service-kit';
import { formatInstant, type Clock } from '@schoolbell/time';
import { Gauge } from 'prom-client';
import { lateAlert, parkedAlert } from '../destination/announce.ts';
import type { DeliveryConfiguration } from '../destination/compile.ts';
import { watchConfigured } from './configured.ts';
import { isLate } from './decide.ts';
import { countWaiting, flagLate, flagParked, type Waiting } from './store.ts';

const WATCH_EVERY_MS = 10_000;
const STATES = ['due', 'leased', 'parked'] as const;

/** Looks regularly at what waits: the gauges, the alert about its age, and the one about parked rows, whose beginning a turn tells too. */
export function createWatch(deps: {
  db: Database;
  alerts: Alerts;
  configuration: () => DeliveryConfiguration;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  everyMs?: number;
}): Periodic {
  const { db, alerts, configuration, clock } = deps;
  const gauges = createGauges(deps.metrics);

  async function look(waiting: Waiting, lateAfterMinutes: number, now: number): Promise<void> {
    const late = isLate(waiting, lateAfterMinutes, now);
    const parked = waiting.parked > 0;
    if (late === waiting.lateAlert && parked === waiting.parkedAlert) return;
    await db.transaction(async (tx) => {
      const lateChanged = late !== waiting.lateAlert && (await flagLate(tx, waiting.id, late));
      // Parked, and no flag: a row was parked between a look that had counted none and its resetting the flag.
      const parkedChanged = parked !== waiting.parkedAlert && (await flagParked(tx, waiting.id, parked));
      if (lateChanged) await alerts.raise(tx, [{ ...lateAlert(waiting.id), state: late ? 'firing' : 'resolved', detail: lateDetail(waiting, late) }]);
      if (parkedChanged) await alerts.raise(tx, [{ ...parkedAlert(waiting.id), state: parked ? 'firing' : 'resolved', detail: parkedDetail(waiting) }]);
    });
  }

  return createPeriodic({
    name: 'delivery-watch',
    everyMs: deps.everyMs ?? WATCH_EVERY_MS,
    log: deps.log,
    run: async () => {
      const { destinations } = configuration();
      const rows = await countWaiting(db, [...destinations.keys()]);
      const now = clock.now();
      gauges.set(rows, now);
      for (const row of rows) {
        const destination = destinations.get(row.id);
        if (destination !== undefined) await look(row, destination.lateAfterMinutes, now);
      }
      await watchConfigured(db, alerts, [...destinations.keys()], now);
    },
  });
}

function lateDetail({ id, oldestSince, due, leased, state, circuit }: Waiting, late: boolean): string {
  if (!late) return 'What waited has been sent.';
  const since = oldestSince === null ? '' : formatInstant(oldestSince);
  return `${due + leased} wait, the oldest since ${since}. The destination is ${state}, its circuit ${circuit}. See GET /v1/destinations/${id}.`;
}

const parkedDetail = ({ parked }: Waiting): string =>
  parked === 0 ? 'Nothing is parked any more.' : `${parked} are parked. Listed at /v1/undelivered?state=parked, sent again by a replay or a newer revision.`;

function createGauges({ registry }: Metrics) {
  const registers = [registry];
  const wanted = new Gauge({
    name: 'delivery_wanted',
    help: 'Messages that are wanted and not sent, by where they stand.',
    labelNames: ['destination', 'state'],
    registers,
  });
  const oldest = new Gauge({
    name: 'delivery_oldest_wanted_seconds',
    help: 'Age of the oldest message that is wanted and not sent or parked.',
    labelNames: ['destination'],
    registers,
  });
  const open = new Gauge({ name: 'delivery_circuit_open', help: '1 while the circuit is open.', labelNames: ['destination'], registers });
  const active = new Gauge({ name: 'delivery_destination_active', help: '0 while paused or disabled.', labelNames: ['destination'], registers });
  return {
    set(rows: readonly Waiting[], now: number): void {
      // Destinations that were removed from the configuration disappear.
      for (const gauge of [wanted, oldest, open, active]) gauge.reset();
      for (const row of rows) {
        const destination = row.id;
        for (const state of STATES) wanted.set({ destination, state }, row[state]);
        oldest.set({ destination }, row.oldestSince === null ? 0 : Math.max(0, now - row.oldestSince) / 1_000);
        open.set({ destination }, row.circuit === 'open' ? 1 : 0);
        active.set({ destination }, row.state === 'active' ? 1 : 0);
      }
    },
  };
}
