import { ManualClock, waitMs } from '@schoolbell/time';
import { describe, expect, it, vi } from 'vitest';
import { createBatcher, type BatcherOptions } from './batcher.ts';

const clock = new ManualClock(0);

/** A flush that ends when the test says so. */
function controlled() {
  const calls: { items: readonly number[]; finish: () => void; fail: (error: Error) => void }[] = [];
  const flush = (items: readonly number[]) =>
    new Promise<readonly string[]>((resolve, reject) => {
      calls.push({ items, finish: () => resolve(items.map((item) => `done ${item}`)), fail: reject });
    });
  return { calls, flush };
}
const options = (flush: BatcherOptions<number, string>['flush'], change: Partial<BatcherOptions<number, string>> = {}) => ({
  flush,
  maxRows: 3,
  maxInFlight: 2,
  maxQueued: 10,
  maxWaitMs: 5000,
  clock,
  ...change,
});
/** Everything that was submitted in this turn of the loop has been flushed after the next one. */
const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('batcher', () => {
  it('puts what comes in one turn of the loop into one batch', async () => {
    const { calls, flush } = controlled();
    const batcher = createBatcher(options(flush));
    const outcomes = [1, 2].map((item) => batcher.submit(item));
    await turn();
    expect(calls.map(({ items }) => items)).toEqual([[1, 2]]);
    calls[0]!.finish();
    await expect(Promise.all(outcomes)).resolves.toEqual(['done 1', 'done 2']);
  });

  it('grows batches while earlier ones are on their way, up to the limits', async () => {
    const { calls, flush } = controlled();
    const batcher = createBatcher(options(flush));
    const outcomes: Promise<string>[] = [];
    for (const item of [1, 2, 3, 4, 5, 6, 7, 8]) outcomes.push(batcher.submit(item));
    await turn();
    expect(calls.map(({ items }) => items)).toEqual([[1, 2, 3], [4, 5, 6]]);
    expect(batcher.queued()).toBe(2);
    calls[1]!.finish();
    await turn();
    expect(calls[2]!.items).toEqual([7, 8]);
    calls[0]!.finish();
    calls[2]!.finish();
    await expect(Promise.all(outcomes)).resolves.toHaveLength(8);
  });

  it('starts a batch beside another one only when it is worth it', async () => {
    const { calls, flush } = controlled();
    const batcher = createBatcher(options(flush, { minRowsBeside: 2 }));
    const outcomes = [batcher.submit(1)];
    await turn();
    outcomes.push(batcher.submit(2));
    await turn();
    expect(calls.map(({ items }) => items)).toEqual([[1]]);
    outcomes.push(batcher.submit(3));
    await turn();
    expect(calls.map(({ items }) => items)).toEqual([[1], [2, 3]]);
    outcomes.push(batcher.submit(4));
    for (const call of calls) call.finish();
    await turn();
    calls[2]!.finish();
    await expect(Promise.all(outcomes)).resolves.toHaveLength(4);
  });

  it('refuses what does not fit into the queue', async () => {
    const { calls, flush } = controlled();
    const batcher = createBatcher(options(flush, { maxQueued: 2, maxInFlight: 1 }));
    const kept = [1, 2].map((item) => batcher.submit(item));
    await expect(batcher.submit(3)).rejects.toMatchObject({ code: 'queue-full' });
    await turn();
    calls[0]!.finish();
    await Promise.all(kept);
  });

  it('fails a batch with its cause, and no other', async () => {
    const { calls, flush } = controlled();
    const batcher = createBatcher(options(flush, { maxRows: 1 }));
    const first = batcher.submit(1);
    const second = batcher.submit(2);
    await turn();
    const cause = new Error('broken');
    calls[0]!.fail(cause);
    calls[1]!.finish();
    await expect(first).rejects.toMatchObject({ code: 'flush-failed', cause });
    await expect(second).resolves.toBe('done 2');
  });

  it('lets nobody wait for longer than the limit, in the queue or in flight', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const own = new ManualClock(0);
      const { calls, flush } = controlled();
      const batcher = createBatcher(options(flush, { maxRows: 1, maxInFlight: 1, clock: own }));
      const inFlight = expect(batcher.submit(1)).rejects.toMatchObject({ code: 'waited-too-long' });
      const queued = expect(batcher.submit(2)).rejects.toMatchObject({ code: 'waited-too-long' });
      await turn();
      own.advance(5000);
      vi.advanceTimersByTime(250);
      await inFlight;
      await queued;
      // What is stored after all is a duplicate when the sender comes again.
      calls[0]!.finish();
      const late = batcher.submit(3);
      await turn();
      calls[1]!.finish();
      await expect(late).resolves.toBe('done 3');
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('stops after what it has taken', async () => {
    const { calls, flush } = controlled();
    const batcher = createBatcher(options(flush));
    const taken = batcher.submit(1);
    const stopped = batcher.stop();
    await expect(batcher.submit(2)).rejects.toMatchObject({ code: 'stopped' });
    await turn();
    calls[0]!.finish();
    await expect(taken).resolves.toBe('done 1');
    await stopped;
    await expect(Promise.race([batcher.stop(), waitMs(1000).then(() => 'late')])).resolves.toBeUndefined();
  });
});
