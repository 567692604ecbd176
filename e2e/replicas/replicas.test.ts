import { waitFor } from '@schoolbell/testing';
import { systemClock } from '@schoolbell/time';
import { planWebhooks } from '@schoolbell/tools/workload';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSystem, type System } from '../system/system.ts';
import { startTraffic } from '../system/traffic.ts';
import { duplicatesOf, waitForTruth } from '../system/truth.ts';

const PER_SECOND = 100;
const SETTLE_MS = 90_000;
/** The destination's own limit, for all replicas together. */
const RATE_PER_SECOND = 40;
const CONCURRENCY = 8;
const OUTAGE_MS = 12_000;
/** Probes are at least so far apart. */
const PROBE_EVERY_MS = 5_000;

describe('two replicas of every service', () => {
  let system: System;
  let learners = 0;

  beforeAll(async () => {
    system = await startSystem({ replicas: 2, destination: { concurrency: CONCURRENCY, ratePerSecond: RATE_PER_SECOND } });
  });
  afterAll(() => system?.stop());

  async function play(webhooks: number) {
    const planned = planWebhooks({
      seed: 7,
      kind: 'shuffled',
      name: `replicas${learners}`,
      webhooks,
      learners: 60,
      firstLearner: learners,
      endMs: systemClock.now(),
    });
    learners += 60;
    const { accepted, refused } = await startTraffic({
      urls: system.replicas('ingest').map(({ url }) => url),
      webhooks: planned,
      perSecond: PER_SECOND,
    }).done;
    expect(refused).toEqual([]);
    return accepted;
  }

  it('come to the same summaries as one, send each once, and keep the rate limit together', async () => {
    const arrivals: number[] = [];
    system.receiver.behave(() => {
      arrivals.push(performance.now());
      return { kind: 'status', status: 204 };
    });
    const accepted = await play(600);
    await waitForTruth(system.receiver, accepted, SETTLE_MS);
    expect(system.receiver.violations).toEqual([]);
    expect(duplicatesOf(system.receiver)).toBe(0);
    // A token bucket lets a full bucket and a second's refill be claimed in one second, and no more. What arrives in that
    // second may have been claimed before it, but not more of it than may be in flight.
    const busiest = Math.max(...arrivals.map((start) => arrivals.filter((at) => at >= start && at < start + 1_000).length));
    expect(busiest).toBeLessThanOrEqual(2 * RATE_PER_SECOND + CONCURRENCY);
  });

  it('probe a sick destination one at a time', async () => {
    system.receiver.clear();
    let openedMs: number | undefined;
    const probes: number[] = [];
    system.receiver.behave(() => {
      if (openedMs !== undefined) probes.push(performance.now());
      return { kind: 'status', status: 500 };
    });
    const traffic = play(200);
    const circuit = async () => (await system.ask<{ circuit: string }>('delivery', '/v1/destinations/acme-lms')).circuit;
    await waitFor('the circuit opens', async () => (await circuit()) !== 'closed', { timeoutMs: SETTLE_MS });
    // What was in flight when it opened has been answered a moment later.
    openedMs = performance.now();
    await waitFor('the outage is long enough', () => performance.now() - openedMs! > OUTAGE_MS, { timeoutMs: 2 * OUTAGE_MS });
    const apart = probes.slice(1).map((at, index) => at - probes[index]!);
    expect(probes.length).toBeGreaterThanOrEqual(1);
    expect(Math.min(PROBE_EVERY_MS, ...apart.slice(1))).toBeGreaterThan(PROBE_EVERY_MS * 0.9);
    system.receiver.behave({ kind: 'status', status: 204 });
    await waitForTruth(system.receiver, await traffic, SETTLE_MS);
    expect(system.receiver.violations).toEqual([]);
  });

  it('go on when one of each is killed', async () => {
    system.receiver.clear();
    const traffic = play(400);
    for (const service of ['ingest', 'results', 'delivery', 'notifier'] as const) await system.replicas(service)[0]!.kill('SIGKILL');
    const accepted = await traffic;
    await waitForTruth(system.receiver, accepted, SETTLE_MS);
    expect(system.receiver.violations).toEqual([]);
  });
});
