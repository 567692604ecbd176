/** A number in [0, 1). Decisions that need chance take one of these, so that a test can seed it. */
export type Random = () => number;

/** The machine's own generator: good for jitter, not for secrets. */
export const systemRandom: Random = () => Math.random();

/** Mulberry32: small, seeded and repeatable, for tests and load. Source: Tommy Ettinger, public domain. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
