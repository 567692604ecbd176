/** Where the time comes from. Everything that decides takes `now`; everything that reads it takes a Clock. */
export interface Clock {
  /** Milliseconds since the epoch, UTC. */
  now(): number;
}

/** The clock of the machine. */
export const systemClock: Clock = Object.freeze({ now: () => Date.now() });

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  #nowMs: number;

  constructor(start: number | string) {
    this.#nowMs = typeof start === 'number' ? start : parseInstant(start);
  }

  now(): number {
    return this.#nowMs;
  }

  advance(ms: number): void {
    this.#nowMs += ms;
  }

  set(to: number | string): void {
    this.#nowMs = typeof to === 'number' ? to : parseInstant(to);
  }
}

/** An instant as RFC 3339 in UTC with milliseconds: `2026-11-21T05:30:00.000Z`. */
export function formatInstant(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

/** Milliseconds since the epoch of an RFC 3339 instant. Throws RangeError when it is none. */
export function parseInstant(text: string): number {
  const epochMs = Date.parse(text);
  if (Number.isNaN(epochMs)) throw new RangeError(`not an instant: ${text}`);
  return epochMs;
}
