// Natural batching: a flush takes all that has come while the flushes before it were running, so batches grow with
// the load and a lone request waits for nobody. A fixed wait of 2 ms gained nothing.
import type { Clock } from '@schoolbell/time';

/** The work cannot be taken or finished now: come again. `flush-failed` has the reason as its cause. */
export class BatchUnavailableError extends Error {
  readonly code: 'queue-full' | 'waited-too-long' | 'stopped' | 'flush-failed';
  override readonly name = 'BatchUnavailableError';

  constructor(code: BatchUnavailableError['code'], options?: ErrorOptions) {
    super(`not done: ${code}`, options);
    this.code = code;
  }
}

export interface BatcherOptions<Item, Outcome> {
  /** Outcomes in the order of the items. A rejection fails all of them with `flush-failed`. */
  flush(items: readonly Item[]): Promise<readonly Outcome[]>;
  readonly maxRows: number;
  readonly maxInFlight: number;
  /** While a flush is on its way, another one starts only with this many rows. Default: 1. */
  readonly minRowsBeside?: number;
  readonly maxQueued: number;
  /** Longest wait of an item, queue and flush together. What is in flight may still be stored after it. */
  readonly maxWaitMs: number;
  readonly clock: Clock;
}

export interface Batcher<Item, Outcome> {
  /** Rejects with BatchUnavailableError. */
  submit(item: Item): Promise<Outcome>;
  queued(): number;
  /** Takes nothing more and resolves when all that was taken is settled. */
  stop(): Promise<void>;
}

interface Entry<Item, Outcome> {
  readonly item: Item;
  readonly sinceMs: number;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: BatchUnavailableError) => void;
}

/** Waits are looked at this often: one timer for all, never one per request. */
const SWEEP_EVERY_MS = 250;

export function createBatcher<Item, Outcome>(options: BatcherOptions<Item, Outcome>): Batcher<Item, Outcome> {
  const { maxRows, maxInFlight, minRowsBeside = 1, maxQueued, maxWaitMs, clock } = options;
  let queue: Entry<Item, Outcome>[] = [];
  /** A few. Not a Set: its tables name their successors, so that one which has grown old keeps all that come after it from being young garbage. */
  let inFlight: (readonly Entry<Item, Outcome>[])[] = [];
  let scheduled = false;
  let stopped = false;
  let drained: (() => void) | undefined;
  let sweeper: NodeJS.Timeout | undefined;

  /** Beside a flush that is on its way another one must be worth its round trip. */
  const due = (): boolean => queue.length >= (inFlight.length === 0 ? 1 : minRowsBeside) && inFlight.length < maxInFlight;

  const schedule = (): void => {
    if (scheduled || !due()) return;
    scheduled = true;
    setImmediate(next);
  };

  const next = (): void => {
    scheduled = false;
    if (!due()) return;
    const batch = queue.length <= maxRows ? queue : queue.slice(0, maxRows);
    queue = queue.length <= maxRows ? [] : queue.slice(maxRows);
    inFlight.push(batch);
    void run(batch);
    schedule();
  };

  const run = async (batch: readonly Entry<Item, Outcome>[]): Promise<void> => {
    try {
      const outcomes = await options.flush(batch.map(({ item }) => item));
      for (const [index, entry] of batch.entries()) entry.resolve(outcomes[index]!);
    } catch (cause) {
      const error = new BatchUnavailableError('flush-failed', { cause });
      for (const entry of batch) entry.reject(error);
    }
    inFlight = inFlight.filter((other) => other !== batch);
    if (queue.length === 0 && inFlight.length === 0) settle();
    else schedule();
  };

  const settle = (): void => {
    clearInterval(sweeper);
    sweeper = undefined;
    drained?.();
  };

  const sweep = (): void => {
    const deadline = clock.now() - maxWaitMs;
    const error = new BatchUnavailableError('waited-too-long');
    // Settling an entry a second time does nothing, so what is in flight may finish or fail later as it likes.
    for (const batch of inFlight) for (const entry of batch) if (entry.sinceMs <= deadline) entry.reject(error);
    while (queue[0] !== undefined && queue[0].sinceMs <= deadline) queue.shift()?.reject(error);
  };

  return {
    submit(item) {
      return new Promise((resolve, reject) => {
        if (stopped) return reject(new BatchUnavailableError('stopped'));
        if (queue.length >= maxQueued) return reject(new BatchUnavailableError('queue-full'));
        queue.push({ item, sinceMs: clock.now(), resolve, reject });
        sweeper ??= setInterval(sweep, SWEEP_EVERY_MS).unref();
        schedule();
      });
    },
    queued: () => queue.length,
    stop() {
      stopped = true;
      if (queue.length === 0 && inFlight.length === 0) return Promise.resolve();
      return new Promise((resolve) => (drained = resolve));
    },
  };
}
