import type { FastifyReply, FastifyRequest, onResponseHookHandler, RouteOptions } from 'fastify';
import { Histogram } from 'prom-client';
import type { Metrics } from '../metrics.ts';

const BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

/** Durations by route pattern (never by path: ids would make a series each), method and status. */
export function createTimings({ registry }: Metrics): (route: Pick<RouteOptions, 'method' | 'url'>) => onResponseHookHandler {
  const histogram = new Histogram({
    name: 'schoolbell_http_request_seconds',
    help: 'Duration of HTTP requests from the first header to the last byte written.',
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS_SECONDS,
    registers: [registry],
  });
  return ({ method, url }) => {
    // One bound child per status: labels() would hash three strings on every request.
    const byStatus = new Map<number, Histogram.Internal<string>>();
    return function record(_request: FastifyRequest, reply: FastifyReply, done: () => void): void {
      const status = reply.statusCode;
      let child = byStatus.get(status);
      if (child === undefined) byStatus.set(status, (child = histogram.labels(String(method), url, String(status))));
      child.observe(reply.elapsedTime / 1000);
      done();
    };
  };
}
