// One timer for all requests of a destination. They share one timeout, so the order in which they were added is the
// order of their deadlines, and only the first needs a timer.

/** Something that must be over in time. */
export interface Expirable {
  expire(): void;
}

export interface Deadlines {
  /** From now on the item has `timeoutMs`. */
  add(item: Expirable): void;
  remove(item: Expirable): void;
}

/** Deadlines of one length, exact to the timer's millisecond. `expire` is called once, and not after `remove`. */
export function createDeadlines(timeoutMs: number): Deadlines {
  const pending = new Map<Expirable, number>();
  let timer: NodeJS.Timeout | undefined;

  function tick(): void {
    timer = undefined;
    const nowMs = performance.now();
    for (const [item, atMs] of pending) {
      if (atMs > nowMs) {
        timer = setTimeout(tick, Math.ceil(atMs - nowMs));
        return;
      }
      pending.delete(item);
      item.expire();
    }
  }

  return {
    add(item) {
      pending.set(item, performance.now() + timeoutMs);
      timer ??= setTimeout(tick, timeoutMs);
    },
    remove(item) {
      pending.delete(item);
      // The timer stays: it will find the next item, or nothing. Without items it must not keep the process alive.
      if (pending.size === 0) {
        clearTimeout(timer);
        timer = undefined;
      }
    },
  };
}
