import { describe, expect, it } from 'vitest';
import { wellState } from '../../test/well-state.ts';
import { PROBE_EVERY_MS, probeVerdict, probing, react, resumed, type Report } from './react.ts';
import type { DestinationState } from './state.ts';

const now = 1_000_000;
const limits = { ratePerSecond: 10, concurrency: 8 };
const middle = () => 0.5;
const well = wellState({ generation: 4, tokensAt: now });
const open: DestinationState = { ...well, circuit: 'open', circuitReason: 'timeouts', probeNotBefore: now };
const quiet: Report = { gone: false, successes: 0, failures: 0, hold: null, probe: null, trip: null };
const reactTo = (state: DestinationState, report: Partial<Report>) => react(state, { ...quiet, ...report }, limits, now, middle);

describe('a trip', () => {
  const trip = { generation: 4, reason: '5 failures in a row' };
  it('opens the circuit, tells it, and lets the first probe wait', () => {
    const { state, changes } = reactTo({ ...well, ramp: 2 }, { trip, failures: 5 });
    expect(state).toMatchObject({ circuit: 'open', generation: 5, probeNotBefore: now + PROBE_EVERY_MS, ramp: null });
    expect(changes).toEqual([{ kind: 'circuit', circuit: 'open', reason: '5 failures in a row' }]);
  });
  it('of another replica changes nothing any more', () => {
    expect(reactTo(open, { trip })).toEqual({ state: open, changes: [] });
  });
  it('by requests from before the circuit closed does not count', () => {
    expect(reactTo({ ...well, generation: 6 }, { trip }).state.circuit).toBe('closed');
  });
});

describe('the probe', () => {
  const until = now + 15_000;
  const probed = probing(open, 'token', until, now);
  it('is marked with its end and the earliest next one', () => {
    expect(probed).toMatchObject({ probeToken: 'token', probeUntil: until, probeNotBefore: now + PROBE_EVERY_MS });
  });
  it('closes the circuit when answered: everything is due, beginning carefully', () => {
    const { state, changes } = reactTo(probed, { successes: 1, probe: { token: 'token', verdict: 'answered', reason: 'answered 200' } });
    expect(state).toMatchObject({ circuit: 'closed', generation: 5, ramp: 2, releaseBefore: now, probeToken: null, probeUntil: null, probeNotBefore: null });
    expect(changes).toEqual([{ kind: 'circuit', circuit: 'closed', reason: 'answered 200' }]);
  });
  it('closes it also when the message is refused, without speeding up', () => {
    expect(reactTo(probed, { probe: { token: 'token', verdict: 'answered', reason: 'answered 422' } }).state).toMatchObject({ circuit: 'closed', ramp: 1 });
  });
  it('leaves it open when it fails, silently, and the next one waits for its time', () => {
    const { state, changes } = reactTo(probed, { failures: 1, probe: { token: 'token', verdict: 'failed', reason: 'answered 500' } });
    expect(state).toEqual({ ...probed, probeToken: null, probeUntil: null, circuitReason: 'answered 500' });
    expect(changes).toEqual([]);
  });
  it('whose token is not the row’s any more says nothing', () => {
    const late = { token: 'older', verdict: 'answered', reason: '' } as const;
    expect(reactTo(probed, { probe: late })).toEqual({ state: probed, changes: [] });
  });
  it.each([
    ['success', 'answered'],
    ['client-error', 'answered'],
    ['breaker-failure', 'failed'],
    ['rate-limited', 'inconclusive'],
    ['gone', 'inconclusive'],
    ['not-sent', 'inconclusive'],
  ] as const)('with outcome %s is %s', (kind, verdict) => {
    expect(probeVerdict({ kind, retryAfterMs: undefined, holds: false } as never)).toBe(verdict);
  });
});

describe('the ramp', () => {
  it.each([
    [1, { successes: 1 }, 2],
    [1, { successes: 2 }, 4],
    [4, { successes: 1 }, null],
    [3, { successes: 1 }, 6],
    [4, { failures: 1, successes: 3 }, 2],
    [1, { failures: 1 }, 1],
    [2, {}, 2],
    [1, { successes: 500 }, null],
  ])('from %j after %j is %j', (ramp, report, expected) => {
    expect(reactTo({ ...well, ramp }, report).state.ramp).toBe(expected);
  });
  it('does not begin by itself', () => {
    expect(reactTo(well, { successes: 3, failures: 2 }).state).toBe(well);
  });
});

describe('a hold', () => {
  it('lasts as long as asked, and what follows begins carefully', () => {
    const { state, changes } = reactTo(well, { hold: { retryAfterMs: 60_000, reason: 'answered 429' } });
    expect(state).toMatchObject({ holdUntil: now + 60_000, holdReason: 'answered 429', ramp: 1, throttles: 0 });
    expect(changes).toEqual([]);
  });
  it('is not shortened by a later answer', () => {
    const held = { ...well, holdUntil: now + 90_000 };
    expect(reactTo(held, { hold: { retryAfterMs: 60_000, reason: '' } }).state.holdUntil).toBe(now + 90_000);
  });
  it('grows while answers 429 do not say how long, until a success', () => {
    const first = reactTo(well, { hold: { retryAfterMs: null, reason: '' } }).state;
    expect(first).toMatchObject({ throttles: 1, holdUntil: now + 2_000 });
    const second = reactTo({ ...first, holdUntil: now - 1 }, { hold: { retryAfterMs: null, reason: '' } }).state;
    expect(second).toMatchObject({ throttles: 2, holdUntil: now + 6_000 });
    expect(reactTo(second, { successes: 1 }).state.throttles).toBe(0);
  });
  it('grows also where they say "0", or a date that has passed', () => {
    const first = reactTo(well, { hold: { retryAfterMs: 0, reason: '' } }).state;
    expect(first).toMatchObject({ throttles: 1, holdUntil: now + 2_000 });
    expect(reactTo({ ...first, holdUntil: now }, { hold: { retryAfterMs: 0, reason: '' } }).state).toMatchObject({ throttles: 2, holdUntil: now + 6_000 });
  });
  it('grows once for what was in flight together', () => {
    const first = reactTo(well, { hold: { retryAfterMs: null, reason: '' } }).state;
    expect(reactTo(first, { hold: { retryAfterMs: null, reason: '' } }).state).toEqual(first);
  });
  it('is begun carefully after, whatever else was in flight with it', () => {
    const held = reactTo(well, { hold: { retryAfterMs: 60_000, reason: '' }, successes: 9 }).state;
    expect(held.ramp).toBe(1);
    expect(reactTo(held, { successes: 9 }).state.ramp).toBe(1);
    expect(reactTo({ ...held, holdUntil: now }, { successes: 1 }).state.ramp).toBe(2);
  });
  it('is forgotten by the first success after its end, not by one that was in flight', () => {
    const held = { ...well, holdUntil: now, holdReason: 'answered 429' };
    expect(reactTo(held, { successes: 1 }).state).toMatchObject({ holdUntil: null, holdReason: '' });
    expect(reactTo({ ...held, holdUntil: now + 1 }, { successes: 1 }).state.holdUntil).toBe(now + 1);
  });
  it('while the circuit is open leaves the recovery alone', () => {
    expect(reactTo(open, { hold: { retryAfterMs: 1_000, reason: '' } }).state).toMatchObject({ circuit: 'open', ramp: null });
  });
});

describe('410 and resuming', () => {
  it('disables once', () => {
    const { state, changes } = reactTo(well, { gone: true });
    expect(state.state).toBe('disabled');
    expect(changes).toHaveLength(1);
    expect(reactTo(state, { gone: true }).changes).toEqual([]);
  });
  it('disables a paused destination too: resuming it would meet the same answer', () => {
    expect(reactTo({ ...well, state: 'paused' }, { gone: true }).state.state).toBe('disabled');
  });
  it('resumes carefully, with everything due and a probe at once where the circuit is open', () => {
    expect(resumed({ ...well, state: 'disabled', holdUntil: now + 5 }, now)).toMatchObject({ state: 'active', ramp: 1, holdUntil: null, releaseBefore: now, probeNotBefore: null });
    expect(resumed({ ...open, probeNotBefore: now + 5_000 }, now).probeNotBefore).toBe(now);
  });
});
