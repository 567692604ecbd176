import type pg from 'pg';
import { Counter, Gauge, Histogram } from 'prom-client';
import type { Metrics } from '../metrics.ts';

export interface DatabaseMetrics {
  /** Seconds that a statement took, measured at the caller. */
  observe(statement: string, seconds: number): void;
  retried(): void;
}

const STATEMENT_BUCKETS_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

export function createDatabaseMetrics(pool: pg.Pool, { registry }: Metrics): DatabaseMetrics {
  new Gauge({
    name: 'schoolbell_database_connections',
    help: 'Connections of the pool by state; waiting counts callers without a connection.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      this.set({ state: 'busy' }, pool.totalCount - pool.idleCount);
      this.set({ state: 'idle' }, pool.idleCount);
      this.set({ state: 'waiting' }, pool.waitingCount);
    },
  });
  const retries = new Counter({
    name: 'schoolbell_database_retries_total',
    help: 'Statements and transactions run again after a deadlock or a serialization failure.',
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'schoolbell_database_statement_seconds',
    help: 'Duration of prepared statements as the caller sees it.',
    labelNames: ['statement'],
    buckets: STATEMENT_BUCKETS_SECONDS,
    registers: [registry],
  });
  // labels() hashes its arguments; a bound child per statement saves that on every call.
  const children = new Map<string, Histogram.Internal<string>>();
  return {
    observe(statement, seconds) {
      let child = children.get(statement);
      if (child === undefined) children.set(statement, (child = durations.labels(statement)));
      child.observe(seconds);
    },
    retried: () => retries.inc(),
  };
}
