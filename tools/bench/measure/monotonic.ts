/**
 * Milliseconds of the machine's monotonic clock. Unlike `performance.now()`, which begins anew in every process, it can
 * be compared between the generator, the receiver and the bench.
 */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}
