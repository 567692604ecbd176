import { waitFor } from '@schoolbell/testing';
import { systemClock, waitMs } from '@schoolbell/time';
import { planWebhooks } from '@schoolbell/tools/workload';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSystem, type System } from '../system/system.ts';
import { startTraffic } from '../system/traffic.ts';
import { duplicatesOf, waitForTruth } from '../system/truth.ts';
import { DESTINATION_CONCURRENCY, faults } from './faults.ts';

const PER_SECOND = 120;
const BEFORE_MS = 1_000;
const AFTER_MS = 1_500;
const LEARNERS = 150;
const SETTLE_MS = 90_000;
const TELL_MS = 30_000;
const FAULT_TIMEOUT_MS = 240_000;

/** `npm run test:chaos` runs this file with many seeds; `npm test` with one. */
const seed = Number(process.env['CHAOS_SEED'] ?? 1);
const outageMs = Number(process.env['CHAOS_OUTAGE_MS'] ?? 20_000);

describe(`chaos, seed ${seed}`, () => {
  let system: System;
  let claimed = 0;

  beforeAll(async () => {
    system = await startSystem({ destination: { concurrency: DESTINATION_CONCURRENCY, ratePerSecond: 1_000 } });
  });
  afterAll(() => system?.stop());

  it.each(faults(outageMs))(
    '$name',
    async ({ name, lastsMs, strike, told, duplicatesMax }) => {
      const { receiver, telegram } = system;
      receiver.clear();
      const heardBefore = telegram.messages.length;
      const webhooks = planWebhooks({
        seed,
        kind: 'shuffled',
        name: `chaos${claimed}`,
        webhooks: Math.ceil(((BEFORE_MS + lastsMs + AFTER_MS) * PER_SECOND) / 1_000),
        learners: LEARNERS,
        firstLearner: claimed,
        endMs: systemClock.now(),
      });
      claimed += LEARNERS;

      const traffic = startTraffic({ urls: system.replicas('ingest').map(({ url }) => url), webhooks, perSecond: PER_SECOND });
      await waitMs(BEFORE_MS);
      await strike(system);
      const { accepted, refused } = await traffic.done;

      expect(refused).toEqual([]);
      expect(accepted).toHaveLength(webhooks.length);
      await waitForTruth(receiver, accepted, SETTLE_MS);
      expect(receiver.violations).toEqual([]);
      expect(duplicatesOf(receiver), `${name}: duplicates`).toBeLessThanOrEqual(duplicatesMax);
      await waitFor(
        'nothing is undelivered',
        async () => (await system.ask<{ items: unknown[] }>('delivery', '/v1/undelivered')).items.length === 0,
        { timeoutMs: SETTLE_MS },
      );
      for (const kind of told) {
        await waitFor(`${kind} is told`, () => telegram.messages.slice(heardBefore).some(({ text }) => text.includes(kind)), { timeoutMs: TELL_MS });
      }
    },
    FAULT_TIMEOUT_MS,
  );
});
