// A destination that does not work: nothing is lost, nothing is hammered, and one request per learner catches up.
import { waitFor, type Receiver } from '@schoolbell/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, type World } from './world.ts';

const LEARNERS = 400;
/** Long enough that a healthy answer on a busy machine is none of the faults. */
const TIMEOUT_MS = 3_000;

let world: World;
beforeAll(async () => {
  world = await createWorld({ destination: { timeoutMs: TIMEOUT_MS, concurrency: 32, ratePerSecond: 5_000 } });
});
afterAll(() => world?.close());

const opened = async (): Promise<boolean> => (await world.inspector.destination()).circuit === 'open';
let round = 0;

describe.each([
  ['answers 500', { kind: 'status', status: 500 }],
  ['hangs', { kind: 'hang' }],
  ['drops connections', { kind: 'reset' }],
  ['redirects', { kind: 'redirect', to: '/elsewhere' }],
  ['drips its answers', { kind: 'drip', everyMs: 50 }],
] as const)('a destination that %s', (_name, fault: Parameters<Receiver['behave']>[0]) => {
  it('gets probes only, then one request per learner with the newest revision', async () => {
    const { receiver, results, inspector } = world;
    const prefix = `u${(round += 1)}`;
    const newest = 3;
    receiver.clear();
    receiver.behave(fault);
    for (let revision = 1; revision <= newest; revision += 1) {
      await results.summaries(Array.from({ length: LEARNERS }, (_, n) => [`${prefix}-${n}`, revision] as const));
    }
    await waitFor('the circuit opens', opened);
    await waitFor('all is taken in', async () => (await results.unconfirmed()) === 0);
    // What was in flight when it tripped may carry an older revision, and would be answered well if it came late.
    await waitFor('what was in flight has ended', async () => (await inspector.sql('SELECT FROM wanted WHERE lease_revision < $1', [newest])).length === 0);
    const atOpening = receiver.requests.length;
    await waitFor('a probe came', () => receiver.requests.length > atOpening);
    expect(await opened()).toBe(true);
    const duringOutage = receiver.requests.length;
    // What was in flight when it tripped, and a probe every 5 s: never one per learner.
    expect(duringOutage).toBeLessThan(LEARNERS / 2);

    const beforeHealing = receiver.requests.length;
    receiver.behave({ kind: 'status', status: 200 });
    await waitFor('the circuit closes', async () => !(await opened()));
    await world.settled();
    const caughtUp = receiver.requests.slice(beforeHealing);
    const revisions = new Map<string, number[]>();
    for (const { summary } of caughtUp) revisions.set(summary!.learnerId, [...(revisions.get(summary!.learnerId) ?? []), summary!.revision]);
    expect([...revisions].filter(([, sent]) => sent.length !== 1 || sent[0] !== newest)).toEqual([]);
    expect(revisions.size).toBe(LEARNERS);
    expect(caughtUp.every(({ signed }) => signed)).toBe(true);
    expect(receiver.violations).toEqual([]);
    expect(await inspector.sql('SELECT key FROM wanted WHERE parked_at IS NOT NULL')).toEqual([]);
  });
});

describe('an outage as it is told', () => {
  it('is one alert that ends, and a circuit event for each change', async () => {
    const { inspector } = world;
    const alerts = (await inspector.alerts()).filter((alert) => alert.includes('circuit-open'));
    expect(alerts).toHaveLength(2 * round);
    expect(alerts.slice(0, 2)).toEqual(['firing circuit-open:acme-lms', 'resolved circuit-open:acme-lms']);
    expect((await inspector.events('alerts.raised.v1')).find(({ kind }) => kind === 'circuit-open')).toMatchObject({ severity: 'critical' });
    const events = await inspector.events('delivery.circuit.changed.v1');
    expect(events.map(({ circuit }) => circuit)).toEqual(Array.from({ length: 2 * round }, (_, n) => (n % 2 === 0 ? 'open' : 'closed')));
  });

  it('is in the attempt log with what happened', async () => {
    const expected = [' 302', ' 500', 'closed-early null', 'timeout 200', 'timeout null'];
    await waitFor('the log has every kind', async () => {
      const rows = await world.inspector.sql<{ detail: string; status: number | null }>(
        "SELECT DISTINCT split_part(detail, ':', 1) AS detail, status FROM attempt WHERE outcome = 'breaker-failure'",
      );
      const logged = new Set(rows.map(({ detail, status }) => `${detail} ${status}`));
      return expected.every((entry) => logged.has(entry));
    });
  });
});

describe('no budget is spent while the circuit is open', () => {
  it('neither by the probes nor by waiting', async () => {
    const rows = await world.inspector.sql<{ attempts: number }>('SELECT attempts FROM wanted WHERE attempts > 0');
    expect(rows).toEqual([]);
  });
});
