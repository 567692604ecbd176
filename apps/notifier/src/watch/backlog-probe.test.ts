import { describe, expect, it } from 'vitest';
import { BACKLOG_AFTER_MS, watchedBacklog } from './backlog-probe.ts';

const NOW_MS = 10_000_000;
const probe = (oldest: number | undefined, stuck?: number) =>
  watchedBacklog({ oldestNoticeMs: () => oldest, stuckSince: () => (stuck === undefined ? undefined : { durable: 'notifier-alerts-ingest', sinceMs: stuck }) }, { now: () => NOW_MS }).probe(AbortSignal.timeout(1_000));

describe('the backlog of the notifier', () => {
  it('is none while what waits is young', async () => {
    expect(await probe(undefined)).toBeUndefined();
    expect(await probe(NOW_MS - BACKLOG_AFTER_MS + 1, NOW_MS - BACKLOG_AFTER_MS + 1)).toBeUndefined();
  });
  it('names the queue or the consumer', async () => {
    expect(await probe(NOW_MS - BACKLOG_AFTER_MS)).toContain('3 minutes to be told');
    expect(await probe(undefined, NOW_MS - 600_000)).toBe('notifier-alerts-ingest has taken in no alert for 10 minutes, and some wait.');
  });
});
