import type { Metrics } from '@schoolbell/service-kit';
import { Counter, Gauge, Histogram } from 'prom-client';

export interface WebhookMetrics {
  /** Answers by source and outcome: accepted, duplicate, ignored, or the code of the problem. */
  answered(source: string, outcome: string): void;
  flushed(rows: number, seconds: number): void;
  watchQueue(queued: () => number): void;
}

const ROW_BUCKETS = [1, 2, 4, 8, 16, 32, 64, 128, 200];
const SECONDS_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

export function createWebhookMetrics({ registry }: Metrics): WebhookMetrics {
  const registers = [registry];
  const answers = new Counter({
    name: 'ingest_webhooks_total',
    help: 'Webhooks by source and what they were answered.',
    labelNames: ['source', 'outcome'],
    registers,
  });
  const rows = new Histogram({ name: 'ingest_flush_rows', help: 'Webhooks per insert.', buckets: ROW_BUCKETS, registers });
  const seconds = new Histogram({
    name: 'ingest_flush_seconds',
    help: 'Duration of an insert with its commit.',
    buckets: SECONDS_BUCKETS,
    registers,
  });
  // Bound children: labels() would hash two strings for every webhook.
  const children = new Map<string, Map<string, Counter.Internal>>();
  const child = (source: string, outcome: string): Counter.Internal => {
    let ofSource = children.get(source);
    if (ofSource === undefined) children.set(source, (ofSource = new Map()));
    let counter = ofSource.get(outcome);
    if (counter === undefined) ofSource.set(outcome, (counter = answers.labels(source, outcome)));
    return counter;
  };
  return {
    answered: (source, outcome) => child(source, outcome).inc(),
    flushed(count, duration) {
      rows.observe(count);
      seconds.observe(duration);
    },
    watchQueue(queued) {
      new Gauge({
        name: 'ingest_queue_rows',
        help: 'Webhooks that wait for an insert.',
        registers,
        collect() {
          this.set(queued());
        },
      });
    },
  };
}
