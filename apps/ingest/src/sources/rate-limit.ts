/** A token bucket: `perSecond` on average, and at most one second's worth at once. Per process, never shared. */
export interface RateLimit {
  /** Takes a token. False: there is none now. */
  take(nowMs: number): boolean;
}

export function createRateLimit(perSecond: number): RateLimit {
  let tokens = perSecond;
  let filledAtMs = Number.NEGATIVE_INFINITY;
  return {
    take(nowMs) {
      // A clock that was set back must not take tokens away.
      const elapsedMs = Math.max(0, nowMs - filledAtMs);
      tokens = Math.min(perSecond, tokens + (elapsedMs * perSecond) / 1000);
      filledAtMs = nowMs;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
