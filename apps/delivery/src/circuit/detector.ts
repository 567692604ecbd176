// opossum watches the share of failures in a rolling window, and here also their number in a row, because a
// destination with little traffic never fills a window. It is told what happened; it never decides what is sent. When
// it trips it is thrown away, so it never half-opens by itself: the row in Postgres says when there is a probe, and a
// fresh detector begins when the row says that the circuit is closed.
import { EventEmitter } from 'node:events';
import CircuitBreaker from 'opossum';

/** Failures in a row that open the circuit. */
export const CONSECUTIVE_FAILURES_MAX = 5;
/** Share of failures in the window that opens it, in percent. */
export const FAILURE_PERCENT_MAX = 50;
/** Requests in the window before a share means anything. */
export const VOLUME_MIN = 20;
export const WINDOW_MS = 10_000;
const WINDOW_BUCKETS = 10;

/** Notices that one destination does not work. */
export interface Detector {
  /** One request ended. `failure` counts for the circuit and says why; undefined is a request that worked. */
  record(failure: string | undefined): void;
  close(): void;
}

export interface Detectors {
  /** Calls `onTrip` once, after which the detector is done. */
  create(name: string, onTrip: (reason: string) => void): Detector;
  close(): void;
}

class Failed extends Error {}

/** The detectors of a process; they share one timer. */
export function createDetectors(): Detectors {
  const buckets = new EventEmitter();
  buckets.setMaxListeners(0);
  const timer = setInterval(() => buckets.emit('rotate'), WINDOW_MS / WINDOW_BUCKETS);
  timer.unref();

  return {
    create(name, onTrip) {
      let inARow = 0;
      let lastFailure = '';
      let done = false;
      const breaker = new CircuitBreaker(
        async (failed: boolean) => {
          if (failed) throw new Failed();
        },
        {
          name,
          timeout: false,
          errorThresholdPercentage: FAILURE_PERCENT_MAX,
          volumeThreshold: VOLUME_MIN,
          rollingCountTimeout: WINDOW_MS,
          rollingCountBuckets: WINDOW_BUCKETS,
          rollingPercentilesEnabled: false,
          enableSnapshots: false,
          rotateBucketController: buckets,
        },
      );
      const close = (): void => {
        done = true;
        if (!breaker.isShutdown) breaker.shutdown();
      };
      const trip = (what: string): void => {
        if (done) return;
        close();
        onTrip(`${what}; the last: ${lastFailure}`);
      };
      breaker.on('open', () => trip(`more than ${FAILURE_PERCENT_MAX} % of the requests of ${WINDOW_MS / 1_000} s failed`));
      return {
        record(failure) {
          if (done) return;
          inARow = failure === undefined ? 0 : inARow + 1;
          lastFailure = failure ?? lastFailure;
          breaker.fire(failure !== undefined).catch(() => undefined);
          if (inARow >= CONSECUTIVE_FAILURES_MAX) trip(`${inARow} requests in a row failed`);
        },
        close,
      };
    },
    close: () => clearInterval(timer),
  };
}
