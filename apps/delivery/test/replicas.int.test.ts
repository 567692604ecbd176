// Two replicas of delivery on one database: the destination's row is the authority for both.
import { waitFor, type ReceivedRequest } from '@schoolbell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TEST_DESTINATION } from './delivery.ts';
import { createWorld, type World } from './world.ts';

const CONCURRENCY = 3;
const RATE_PER_SECOND = 40;
const OK = { kind: 'status', status: 200 } as const;

let world: World;
/** When each request came, and how many were unanswered then. */
let arrivals: { atMs: number }[] = [];

beforeAll(async () => {
  world = await createWorld({ replicas: 2, destination: { concurrency: CONCURRENCY, ratePerSecond: RATE_PER_SECOND, timeoutMs: 2_500 } });
});
afterAll(() => world?.close());
beforeEach(() => {
  arrivals = [];
  world.receiver.clear();
  behave(() => OK);
});

function behave(answer: (request: Omit<ReceivedRequest, 'answer'>) => Parameters<World['receiver']['behave']>[0] & object): void {
  world.receiver.behave((request) => {
    arrivals.push({ atMs: performance.now() });
    return (answer as (request: Omit<ReceivedRequest, 'answer'>) => typeof OK)(request);
  });
}

describe('two replicas', () => {
  it('share the rate of the destination', async () => {
    const count = 200;
    await world.results.summaries(Array.from({ length: count }, (_, n) => [`u-rate-${n}`, 1] as const));
    await world.settled();
    expect(world.receiver.requests).toHaveLength(count);
    const tookSeconds = (arrivals.at(-1)!.atMs - arrivals[0]!.atMs) / 1_000;
    // One second's worth may have been saved up before, and is spent once, not once per replica.
    expect(tookSeconds).toBeGreaterThan((count - RATE_PER_SECOND) / RATE_PER_SECOND - 0.5);
  });

  it('share the concurrency, and leave no older revision after a newer', async () => {
    const { results, receiver } = world;
    for (let revision = 1; revision <= 5; revision += 1) {
      await results.summaries(Array.from({ length: 12 }, (_, n) => [`u-both-${n}`, revision] as const));
    }
    await world.settled();
    expect(receiver.violations).toEqual([]);
    for (let n = 0; n < 12; n += 1) expect(receiver.newest(`u-both-${n}`)?.revision).toBe(5);
  });

  it('hold no more leases than the concurrency, and send one probe between them', async () => {
    const { results, receiver, inspector } = world;
    behave(() => ({ kind: 'hang' }) as never);
    await results.summaries(Array.from({ length: 30 }, (_, n) => [`u-probe-${n}`, 1] as const));
    let most = 0;
    await waitFor('the circuit opens', async () => {
      const [row] = await inspector.sql<{ live: number }>('SELECT count(*)::int AS live FROM wanted WHERE lease_until > clock_timestamp()');
      most = Math.max(most, row!.live);
      return (await inspector.destination()).circuit === 'open';
    });
    expect(most).toBeLessThanOrEqual(CONCURRENCY);
    const [opened] = await inspector.sql<{ live: number }>('SELECT count(*)::int AS live FROM wanted WHERE lease_until > clock_timestamp()');
    await waitFor('what was in flight has ended', async () => (await inspector.sql('SELECT FROM wanted WHERE lease_until IS NOT NULL')).length === 0);
    expect(opened!.live).toBeLessThanOrEqual(CONCURRENCY);

    const before = arrivals.length;
    await waitFor('two probes came', () => arrivals.length >= before + 2);
    const probes = arrivals.slice(before);
    expect(probes[1]!.atMs - probes[0]!.atMs).toBeGreaterThan(4_000);

    behave(() => OK);
    await world.settled();
    expect(receiver.violations).toEqual([]);
    expect((await inspector.alerts()).filter((alert) => alert.includes('circuit-open'))).toEqual([`firing circuit-open:${TEST_DESTINATION}`, `resolved circuit-open:${TEST_DESTINATION}`]);
  });
});
