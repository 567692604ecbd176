import type { Database, Log, Metrics } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';
import { Gauge } from 'prom-client';
import type { Audience } from '../problems/audience.ts';
import type { Arrival, ProblemLedger } from '../problems/ledger.ts';
import { LEVEL_EXPIRES_AFTER_MS } from '../problems/policy.ts';
import type { TelegramMetrics } from '../telegram/metrics.ts';
import { createSender, type Sender } from '../telegram/sender.ts';
import type { Transport } from '../telegram/transport.ts';
import { createDesk } from './desk.ts';
import { createLane } from './lane.ts';
import { createSpool } from './spool.ts';

/** The alarm that works when the house burns: desk, lane, spool and a sender of its own. */
export interface Emergency {
  start(): Promise<void>;
  take(arrivals: readonly Arrival[]): void;
  stop(): Promise<void>;
}

export function createEmergency(deps: {
  db: Database;
  ledger: ProblemLedger;
  audience: () => Audience;
  escalateAfterMs: () => number;
  transport: () => Transport;
  queueSender: Pick<Sender, 'wake'>;
  spoolFile: string;
  troubled: () => boolean;
  /** Since when this process hears direct alerts; undefined: it does not. */
  hearingSince: () => number | undefined;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  telegramMetrics: TelegramMetrics;
}): Emergency {
  const { db, ledger, audience, clock, log } = deps;
  const spool = createSpool({ path: deps.spoolFile, log });
  const lane = createLane({ audience, escalateAfterMs: deps.escalateAfterMs, log, settled: () => spool.save(() => lane.snapshot()) });
  let held = false;
  const laneSender = createSender({ source: lane, transport: deps.transport, paused: () => held || !lane.active(), clock, log, metrics: deps.telegramMetrics });
  const desk = createDesk({
    db,
    ledger,
    lane,
    laneSender,
    queueSender: deps.queueSender,
    spool,
    troubled: deps.troubled,
    levelsExpire: () => {
      const sinceMs = deps.hearingSince();
      return sinceMs !== undefined && clock.now() - sinceMs >= LEVEL_EXPIRES_AFTER_MS;
    },
    holdLane: (value) => {
      held = value;
    },
    clock,
    log,
  });
  new Gauge({
    name: 'notifier_emergency',
    help: '1 while alerts are told past the database.',
    registers: [deps.metrics.registry],
    collect() {
      this.set(lane.active() ? 1 : 0);
    },
  });

  return {
    async start() {
      await desk.start();
      laneSender.start();
    },
    take: (arrivals) => desk.take(arrivals),
    async stop() {
      await desk.stop();
      await laneSender.stop();
      await spool.flush();
    },
  };
}
