import type { Metrics } from '@schoolbell/service-kit';
import { Counter, Gauge, Histogram } from 'prom-client';
import type { Attempted } from '../dispatch/delivery.ts';

const BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Counts requests by destination and outcome, and how long they took. */
export function createAttemptMetrics({ registry }: Metrics, inFlight: () => Iterable<readonly [string, number]>): (attempted: Attempted) => void {
  const registers = [registry];
  const attempts = new Counter({ name: 'delivery_attempts_total', help: 'Requests by outcome.', labelNames: ['destination', 'outcome'], registers });
  const seconds = new Histogram({
    name: 'delivery_attempt_seconds',
    help: 'From the begin of a request to the end of its answer.',
    labelNames: ['destination'],
    buckets: BUCKETS_SECONDS,
    registers,
  });
  new Gauge({
    name: 'delivery_in_flight',
    help: 'Requests of this process that have begun and not ended.',
    labelNames: ['destination'],
    registers,
    collect() {
      this.reset();
      for (const [destination, count] of inFlight()) this.set({ destination }, count);
    },
  });
  // Labels are looked up once per destination: the look-up hashes them anew each time.
  const children = new Map<string, { readonly byOutcome: Map<string, Counter.Internal>; readonly histogram: Histogram.Internal<'destination'> }>();
  return ({ job: { destinationId }, outcome, exchange }) => {
    let child = children.get(destinationId);
    if (child === undefined) children.set(destinationId, (child = { byOutcome: new Map(), histogram: seconds.labels(destinationId) }));
    let counter = child.byOutcome.get(outcome);
    if (counter === undefined) child.byOutcome.set(outcome, (counter = attempts.labels(destinationId, outcome)));
    counter.inc();
    if (exchange.kind !== 'not-sent') child.histogram.observe(exchange.durationMs / 1_000);
  };
}
