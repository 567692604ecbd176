// What stands beside the path of a message: the attempt log, which may fail, and the watch, which tells what waits.
import { createAlerts, createOutbox, type Alerts, type Nats } from '@schoolbell/messaging';
import { createDatabase, createLogger, createMetrics, type Database, type Metrics, type Periodic } from '@schoolbell/service-kit';
import { waitFor } from '@schoolbell/testing';
import { systemClock } from '@schoolbell/time';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeliveryConfiguration, Destination } from '../src/destination/compile.ts';
import { ensureDestinations } from '../src/destination/store.ts';
import { LEFT_AFTER_MS, watchConfigured } from '../src/watch/configured.ts';
import { createWatch } from '../src/watch/watch.ts';
import { TEST_DESTINATION } from './delivery.ts';
import { createWorld, type World } from './world.ts';

let world: World;
let db: Database;
const log = createLogger({ service: 'delivery', level: 'silent' });
beforeAll(async () => {
  world = await createWorld();
  db = createDatabase({ url: world.databaseUrl, schema: 'delivery', log, metrics: createMetrics('delivery') });
});
afterAll(async () => {
  await db?.close();
  await world?.close();
});

describe('the attempt log', () => {
  it('that cannot be written loses its entries, and nothing is sent twice for it', async () => {
    const { results, receiver, inspector, delivery } = world;
    await inspector.sql('ALTER TABLE attempt RENAME TO attempt_away');
    await results.summaries(Array.from({ length: 10 }, (_, n) => [`u-unlogged-${n}`, 1] as const));
    await world.settled();
    await waitFor('the loss is counted', async () => /delivery_attempt_log_lost_total\{[^}]*\} 10/.test(await delivery.metricsText()));
    expect(receiver.requests).toHaveLength(10);
    await inspector.sql('ALTER TABLE attempt_away RENAME TO attempt');
    await results.summary('u-logged', 1);
    await waitFor('the log goes on', async () => (await inspector.sql("SELECT FROM attempt WHERE key = 'u-logged'")).length === 1);
    expect(receiver.requests).toHaveLength(11);
  });
});

/** The watch of a replica, looking often. */
function watchWith(metrics: Metrics): Periodic {
  const nats = { current: () => undefined, connected: () => false } as unknown as Nats;
  const alerts = createAlerts({ service: 'delivery', outbox: createOutbox({ service: 'delivery', clock: systemClock }), nats, log });
  const destinations = new Map([[TEST_DESTINATION, { id: TEST_DESTINATION, lateAfterMinutes: 15 } as Destination]]);
  const configuration = (): DeliveryConfiguration => ({ destinations, wanting: () => [], tokens: [] });
  return createWatch({ db, alerts, configuration, clock: systemClock, log, metrics, everyMs: 20 });
}

describe('the watch', () => {
  it('tells once that messages wait too long, in one of several replicas, and once that it is over', async () => {
    const { results, inspector } = world;
    await world.delivery.operate('POST', `/v1/destinations/${TEST_DESTINATION}/pause`, {});
    await results.summary('u-late', 1);
    await waitFor('it is wanted', async () => (await inspector.wanted('u-late')) !== undefined);
    await inspector.sql("UPDATE wanted SET wanted_since = wanted_since - interval '16 minutes' WHERE key = 'u-late'");

    const metrics = createMetrics('delivery');
    const watches = [metrics, createMetrics('delivery')].map(watchWith);
    for (const watch of watches) watch.start();
    try {
      const late = async () => (await inspector.alerts()).filter((alert) => alert.includes('destination-late'));
      await waitFor('it is told', async () => (await late()).length === 1);
      // The replica that did not tell looks a moment later.
      await waitFor('the gauges are set', async () => /delivery_oldest_wanted_seconds\{[^}]*\} 9[567]\d/.test(await metrics.registry.metrics()));
      const gauges = await metrics.registry.metrics();
      expect(gauges).toMatch(/delivery_wanted\{destination="acme-lms",state="due",[^}]*\} 1/);
      expect(gauges).toMatch(/delivery_destination_active\{[^}]*\} 0/);
      await world.delivery.operate('POST', `/v1/destinations/${TEST_DESTINATION}/resume`, {});
      await world.settled();
      await waitFor('its end is told', async () => (await late()).length === 2);
      expect(await late()).toEqual([`firing destination-late:${TEST_DESTINATION}`, `resolved destination-late:${TEST_DESTINATION}`]);
    } finally {
      await Promise.all(watches.map((watch) => watch.stop()));
    }
  });

  it('tells what is parked where its own look ended the alert of a turn, and the end', async () => {
    const { inspector } = world;
    const parked = async () => (await inspector.alerts()).filter((alert) => alert.includes('summary-parked'));
    // As after a look that counted none, then a turn that parked one, then the reset of the flag by that look.
    await inspector.sql("UPDATE wanted SET parked_at = now(), due_at = NULL WHERE key = 'u-late'");
    const watch = watchWith(createMetrics('delivery'));
    watch.start();
    try {
      await waitFor('it is told', async () => (await parked()).length === 1);
      await inspector.sql("UPDATE wanted SET parked_at = NULL WHERE key = 'u-late'");
      await waitFor('its end is told', async () => (await parked()).length === 2);
      expect(await parked()).toEqual([`firing summary-parked:${TEST_DESTINATION}`, `resolved summary-parked:${TEST_DESTINATION}`]);
    } finally {
      await watch.stop();
    }
  });
});

describe('a destination that leaves the configuration', () => {
  it('has its alerts ended once, when the last replica has reloaded, and begun again when it comes back', async () => {
    const { inspector } = world;
    const start = systemClock.now();
    await ensureDestinations(db, [{ id: 'board', organizationId: 'acme', startPaused: false }], start);
    await inspector.sql("UPDATE destination SET circuit = 'open', state = 'disabled', late_alert = true, parked_alert = true WHERE id = 'board'");
    const [before, after] = [[TEST_DESTINATION, 'board'], [TEST_DESTINATION]];
    const told = async (ids: readonly string[], now: number): Promise<string[]> => {
      const raised: string[] = [];
      const alerts = { raise: async (_tx, list) => void raised.push(...list.map(({ state, fingerprint }) => `${state} ${fingerprint}`)) } as Alerts;
      await watchConfigured(db, alerts, ids, now);
      return raised;
    };
    expect(await told(after, start + LEFT_AFTER_MS)).toEqual([]);
    // Another replica has not reloaded yet.
    expect(await told(before, start + LEFT_AFTER_MS)).toEqual([]);
    expect(await told(after, start + 2 * LEFT_AFTER_MS)).toEqual([]);
    const kinds = ['circuit-open', 'destination-disabled', 'destination-late', 'summary-parked'];
    expect(await told(after, start + 2 * LEFT_AFTER_MS + 1)).toEqual(kinds.map((kind) => `resolved ${kind}:board`));
    expect(await told(after, start + 4 * LEFT_AFTER_MS)).toEqual([]);
    expect(await told(before, start + 4 * LEFT_AFTER_MS)).toEqual(['firing circuit-open:board', 'firing destination-disabled:board']);
    expect(await told(before, start + 5 * LEFT_AFTER_MS)).toEqual([]);
  });
});
