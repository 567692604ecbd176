import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CONSECUTIVE_FAILURES_MAX, createDetectors, VOLUME_MIN, type Detectors } from './detector.ts';

const turn = (): Promise<void> => new Promise((done) => setImmediate(done));

let detectors: Detectors;
beforeEach(() => {
  detectors = createDetectors();
});
afterEach(() => detectors.close());

function watch() {
  const trips: string[] = [];
  const detector = detectors.create('destination', (reason) => trips.push(reason));
  return { detector, trips };
}

describe('the rule of consecutive failures', () => {
  it('trips at the fifth, once, and names the last', async () => {
    const { detector, trips } = watch();
    for (let n = 1; n < CONSECUTIVE_FAILURES_MAX; n += 1) detector.record('timeout');
    await turn();
    expect(trips).toEqual([]);
    detector.record('answered 500');
    expect(trips).toEqual(['5 requests in a row failed; the last: answered 500']);
    for (let n = 0; n < 50; n += 1) detector.record('timeout');
    await turn();
    expect(trips).toHaveLength(1);
  });

  it('begins again after a success', async () => {
    const { detector, trips } = watch();
    for (let n = 0; n < 8; n += 1) detector.record(n === 4 ? undefined : 'timeout');
    await turn();
    expect(trips).toEqual([]);
    detector.close();
  });
});

describe('the rule of the share', () => {
  const pattern = async (failures: number, successes: number, rounds: number) => {
    const { detector, trips } = watch();
    for (let round = 0; round < rounds; round += 1) {
      for (let n = 0; n < failures; n += 1) detector.record('answered 502');
      for (let n = 0; n < successes; n += 1) detector.record(undefined);
      await turn();
    }
    detector.close();
    return trips;
  };
  it('trips above one half, with enough requests', async () => {
    expect(await pattern(3, 2, VOLUME_MIN / 5 + 1)).toHaveLength(1);
  });
  it('does not trip at one half', async () => {
    expect(await pattern(2, 2, 20)).toEqual([]);
  });
  it('does not trip on few requests', async () => {
    expect(await pattern(4, 1, 3)).toEqual([]);
  });
});

// What opossum had to learn. Each ended with a breaker that stayed open or half-open; here that would be a destination
// that is never sent to again.
describe('what opossum got wrong under concurrency', () => {
  it('#385: simultaneous failures trip once and leave nothing behind that waits for a timer', async () => {
    const { detector, trips } = watch();
    for (let n = 0; n < 64; n += 1) detector.record('timeout');
    await turn();
    expect(trips).toHaveLength(1);
    const { detector: fresh, trips: none } = watch();
    fresh.record(undefined);
    await turn();
    expect(none).toEqual([]);
    fresh.close();
  });

  it('#276: a failure with little traffic after the circuit closed does not leave it half-open', async () => {
    const { detector } = watch();
    for (let n = 0; n < CONSECUTIVE_FAILURES_MAX; n += 1) detector.record('timeout');
    const { detector: fresh, trips } = watch();
    fresh.record('timeout');
    for (let n = 0; n < VOLUME_MIN; n += 1) fresh.record(undefined);
    await turn();
    expect(trips).toEqual([]);
    for (let n = 0; n < CONSECUTIVE_FAILURES_MAX; n += 1) fresh.record('timeout');
    expect(trips).toHaveLength(1);
  });

  it('#484: late answers of requests from before do not reach the detector of the next state', async () => {
    const { detector: old, trips: oldTrips } = watch();
    for (let n = 0; n < CONSECUTIVE_FAILURES_MAX; n += 1) old.record('timeout');
    const { detector: fresh, trips } = watch();
    for (let n = 0; n < 100; n += 1) old.record(n % 2 === 0 ? 'timeout' : undefined);
    fresh.record(undefined);
    await turn();
    expect(oldTrips).toHaveLength(1);
    expect(trips).toEqual([]);
    fresh.close();
  });

  it('closing twice, and during a trip, is harmless', async () => {
    const trips: string[] = [];
    const detector = detectors.create('d', (reason) => {
      trips.push(reason);
      detector.close();
    });
    for (let n = 0; n < 10; n += 1) detector.record('timeout');
    detector.close();
    await turn();
    expect(trips).toHaveLength(1);
  });
});
