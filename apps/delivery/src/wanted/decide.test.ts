import { describe, expect, it } from 'vitest';
import { decideRow, NOT_SENT_DELAY_MS } from './decide.ts';
import { BUDGET_MS } from './schedule.ts';

const now = 1_000_000;
const middle = () => 0.5;
const fresh = { attempts: 0, waitedMs: 0, probe: false };
const clientError = { kind: 'client-error', retryAfterMs: undefined } as const;
const failure = { kind: 'breaker-failure', retryAfterMs: undefined, holds: false } as const;

describe('decideRow', () => {
  it('is done after a success', () => {
    expect(decideRow({ kind: 'success' }, fresh, now, middle)).toEqual({ kind: 'sent' });
  });

  it('spends budget on refusals and failures', () => {
    const retry = { kind: 'retry', dueAt: now + 2_000, attempts: 1, waitedMs: 2_000, notBefore: null };
    expect(decideRow(clientError, fresh, now, middle)).toEqual(retry);
    expect(decideRow(failure, fresh, now, middle)).toEqual(retry);
  });

  it('spends none on probes, holds, 410 and our own trouble', () => {
    const spent = { attempts: 3, waitedMs: 20_000, probe: false };
    const unspent = { kind: 'retry', attempts: 3, waitedMs: 20_000, notBefore: null };
    expect(decideRow(failure, { ...spent, probe: true }, now, middle)).toEqual({ ...unspent, dueAt: now });
    expect(decideRow({ kind: 'rate-limited', retryAfterMs: 60_000 }, spent, now, middle)).toEqual({ ...unspent, dueAt: now });
    expect(decideRow({ ...failure, retryAfterMs: 60_000, holds: true }, spent, now, middle)).toEqual({ ...unspent, dueAt: now });
    expect(decideRow({ kind: 'gone' }, spent, now, middle)).toEqual({ ...unspent, dueAt: now });
    expect(decideRow({ kind: 'not-sent' }, spent, now, middle)).toEqual({ ...unspent, dueAt: now + NOT_SENT_DELAY_MS });
  });

  it('charges a refused probe like any refusal: the circuit closes on it', () => {
    expect(decideRow(clientError, { ...fresh, probe: true }, now, middle)).toMatchObject({ kind: 'retry', attempts: 1 });
  });

  it('is never earlier than Retry-After, nor earlier than the schedule', () => {
    expect(decideRow({ ...clientError, retryAfterMs: 60_000 }, fresh, now, middle)).toEqual({
      kind: 'retry',
      dueAt: now + 60_000,
      attempts: 1,
      waitedMs: 60_000,
      notBefore: now + 60_000,
    });
    expect(decideRow({ ...failure, retryAfterMs: 1 }, fresh, now, middle)).toMatchObject({ dueAt: now + 2_000, notBefore: now + 1 });
  });

  it('parks when the next wait would go beyond the budget, and not before', () => {
    const last = { attempts: 3, waitedMs: BUDGET_MS - 25_000, probe: false };
    expect(decideRow(clientError, last, now, middle)).toMatchObject({ kind: 'retry', waitedMs: BUDGET_MS });
    expect(decideRow(clientError, { ...last, waitedMs: last.waitedMs + 1 }, now, middle)).toEqual({
      kind: 'park',
      attempts: 4,
      waitedMs: BUDGET_MS - 24_999,
      reason: 'budget-spent',
    });
  });
});
