import fc from 'fast-check';
import { seededRandom } from '@schoolbell/time';
import { describe, expect, it } from 'vitest';
import { BURST_MESSAGES, CHAT_SPACING_MS, FRESH_PACE, GATHER_MS, settle, spend, type Pace } from './pace.ts';

const NOW_MS = 1_800_000_000_000;
const random = seededRandom(7);

/** Sends whenever it is allowed, for so long; the times are returned. */
function flood(forMs: number): number[] {
  let pace: Pace = FRESH_PACE;
  const times: number[] = [];
  for (let nowMs = NOW_MS; nowMs < NOW_MS + forMs; nowMs = pace.notBeforeMs) {
    pace = spend(pace, nowMs);
    times.push(nowMs - NOW_MS);
  }
  return times;
}

describe('spend', () => {
  it('lets a burst through at a second each, then one message per gathering time', () => {
    const times = flood(60_000);
    expect(times.slice(0, 5)).toEqual([0, 1, 2, 3, 4].map((n) => n * CHAT_SPACING_MS));
    expect(times[5]).toBe(GATHER_MS);
    expect(times[6]! - times[5]!).toBe(GATHER_MS);
    expect(times).toHaveLength(BURST_MESSAGES + 9);
  });
  it('never exceeds one a second and 20 a minute, whenever there is something to send', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 90_000 }), { maxLength: 200 }), (pauses) => {
        let pace: Pace = FRESH_PACE;
        let nowMs = NOW_MS;
        const times: number[] = [];
        for (const pause of pauses) {
          nowMs = Math.max(nowMs + pause, pace.notBeforeMs);
          pace = spend(pace, nowMs);
          times.push(nowMs);
        }
        const spacings = times.slice(1).map((time, index) => time - times[index]!);
        const minutes = times.map((time, index) => times.filter((other, at) => at >= index && other < time + 60_000).length);
        expect(Math.min(1_000, ...spacings)).toBe(1_000);
        expect(Math.max(0, ...minutes)).toBeLessThanOrEqual(15);
      }),
    );
  });
});

describe('settle', () => {
  const used = spend(FRESH_PACE, NOW_MS);
  it('holds the chat as long as Telegram says', () => {
    const held = settle(used, { kind: 'rate-limited', retryAfterMs: 17_000 }, NOW_MS, random);
    expect(held).toMatchObject({ notBeforeMs: NOW_MS + 17_000, heldUntilMs: NOW_MS + 17_000, failures: 0 });
  });
  it('never waits for more than an hour on one answer', () => {
    const held = settle(used, { kind: 'rate-limited', retryAfterMs: 86_400_000 }, NOW_MS, random);
    expect(held.notBeforeMs).toBe(NOW_MS + 3_600_000);
  });
  it('tries again soon in an outage, and never later than a quarter of a minute', () => {
    let pace = used;
    for (let failure = 0; failure < 30; failure += 1) {
      pace = settle({ ...pace, notBeforeMs: NOW_MS }, { kind: 'failed', reason: 'down' }, NOW_MS, random);
      expect(pace.notBeforeMs - NOW_MS).toBeLessThanOrEqual(15_000);
    }
    expect(pace).toMatchObject({ failures: 30, state: 'failing', lastError: 'down' });
    expect(settle(pace, { kind: 'sent', telegramId: 1 }, NOW_MS, random)).toMatchObject({ failures: 0, state: 'ok', lastError: null });
  });
  it('marks a chat that refuses the bot and leaves it alone for at least half a minute', () => {
    const refused = settle(used, { kind: 'chat-refused', reason: 'bot was blocked by the user' }, NOW_MS, random);
    expect(refused).toMatchObject({ state: 'unreachable', lastError: 'bot was blocked by the user' });
    expect(refused.notBeforeMs).toBeGreaterThan(NOW_MS + 30_000);
  });
  it('goes on at once with a refused message: what follows is another text or another chat', () => {
    expect(settle(used, { kind: 'message-refused', reason: 'text is empty' }, NOW_MS, random).notBeforeMs).toBe(used.notBeforeMs);
    expect(settle(used, { kind: 'message-refused', reason: 'text is empty' }, NOW_MS + 5_000, random).notBeforeMs).toBe(NOW_MS + 5_000 + CHAT_SPACING_MS);
    expect(settle(used, { kind: 'chat-moved', to: '-100', reason: 'upgraded' }, NOW_MS, random).notBeforeMs).toBe(used.notBeforeMs);
  });
});
