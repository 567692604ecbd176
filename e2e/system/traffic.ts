import { signedWebhook } from '@schoolbell/testing';
import { systemClock, waitMs } from '@schoolbell/time';
import type { PlannedWebhook } from '@schoolbell/tools/workload';
import { Pool } from 'undici';

const TRY_TIMEOUT_MS = 3_000;
/** How long the platform waits before it sends a webhook again that was not accepted. */
const RETRY_AFTER_MS = 200;
const GIVE_UP_AFTER_MS = 90_000;

/** What became of a run of webhooks. */
export interface TrafficReport {
  readonly accepted: readonly PlannedWebhook[];
  /** Refused for good; none is expected. */
  readonly refused: readonly string[];
  /** Answers that were not final and were tried again: 503, 429, broken connections. */
  readonly retries: number;
}

/** A platform that sends at a steady rate, whatever comes back, and repeats what was not accepted. */
export function startTraffic(options: { urls: readonly string[]; webhooks: readonly PlannedWebhook[]; perSecond: number }): {
  readonly sent: () => number;
  readonly done: Promise<TrafficReport>;
} {
  const pools = options.urls.map((url) => new Pool(url, { connections: 32, headersTimeout: TRY_TIMEOUT_MS, bodyTimeout: TRY_TIMEOUT_MS, connectTimeout: TRY_TIMEOUT_MS }));
  const accepted: PlannedWebhook[] = [];
  const refused: string[] = [];
  let retries = 0;
  let started = 0;

  async function deliver(webhook: PlannedWebhook, index: number): Promise<void> {
    const deadlineMs = systemClock.now() + GIVE_UP_AFTER_MS;
    for (let attempt = 0; systemClock.now() < deadlineMs; attempt += 1) {
      try {
        const { method, headers, body } = signedWebhook(webhook);
        const answer = await pools[(index + attempt) % pools.length]!.request({ path: '/v1/webhooks/platform', method, headers, body });
        const text = await answer.body.text();
        if (answer.statusCode === 202) return void accepted.push(webhook);
        if (answer.statusCode !== 503 && answer.statusCode !== 429) return void refused.push(`${webhook.id}: ${answer.statusCode} ${text}`);
      } catch {
        // A broken connection says nothing about what was stored: the same id again is harmless.
      }
      retries += 1;
      await waitMs(RETRY_AFTER_MS);
    }
    refused.push(`${webhook.id}: not accepted within ${GIVE_UP_AFTER_MS} ms`);
  }

  async function run(): Promise<TrafficReport> {
    const beginMs = performance.now();
    const inFlight: Promise<void>[] = [];
    for (const [index, webhook] of options.webhooks.entries()) {
      const dueMs = beginMs + (index * 1_000) / options.perSecond;
      const earlyMs = dueMs - performance.now();
      if (earlyMs > 1) await waitMs(earlyMs);
      started += 1;
      inFlight.push(deliver(webhook, index));
    }
    await Promise.all(inFlight);
    await Promise.all(pools.map((pool) => pool.close()));
    return { accepted, refused, retries };
  }
  return { sent: () => started, done: run() };
}
