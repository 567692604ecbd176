import { collectDefaultMetrics, Registry } from 'prom-client';

/** The delay of the event loop is sampled with a timer: often enough to see a stall, seldom enough to let a service at rest sleep. */
const EVENT_LOOP_SAMPLE_MS = 200;

/** The metrics of one process. Register own ones with `new Counter({ ..., registers: [metrics.registry] })`. */
export interface Metrics {
  readonly registry: Registry;
}

/** A registry of its own (no global state) with the process metrics of prom-client and a `service` label on all. */
export function createMetrics(service: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: EVENT_LOOP_SAMPLE_MS });
  return { registry };
}
