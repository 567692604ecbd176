import { parseInstant } from './instant.ts';

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
