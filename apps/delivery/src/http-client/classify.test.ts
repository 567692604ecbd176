import { describe, expect, it } from 'vitest';
import { classify } from './classify.ts';
import type { Exchange } from './exchange.ts';

const answered = (status: number, retryAfter?: string): Exchange => ({ kind: 'answered', durationMs: 1, status, retryAfter, answer: '' });

describe('classify', () => {
  it.each([200, 201, 202, 204, 299])('takes %d as success', (status) => {
    expect(classify(answered(status), 0)).toEqual({ kind: 'success' });
  });
  it.each([400, 401, 404, 408, 409, 413, 422, 499])('charges %d to the learner', (status) => {
    expect(classify(answered(status), 0)).toEqual({ kind: 'client-error', retryAfterMs: undefined });
  });
  it.each([300, 301, 302, 304, 307, 308, 500, 502, 503, 504, 599])('counts %d for the circuit', (status) => {
    expect(classify(answered(status), 0)).toEqual({ kind: 'breaker-failure', retryAfterMs: undefined, holds: false });
  });
  it('disables on 410 and holds on 429', () => {
    expect(classify(answered(410), 0)).toEqual({ kind: 'gone' });
    expect(classify(answered(429), 0)).toEqual({ kind: 'rate-limited', retryAfterMs: undefined });
    expect(classify(answered(429, '7'), 0)).toEqual({ kind: 'rate-limited', retryAfterMs: 7_000 });
  });
  it('holds on 503 only when it says how long', () => {
    expect(classify(answered(503, '30'), 0)).toEqual({ kind: 'breaker-failure', retryAfterMs: 30_000, holds: true });
    expect(classify(answered(503, 'later'), 0)).toEqual({ kind: 'breaker-failure', retryAfterMs: undefined, holds: false });
    expect(classify(answered(500, '30'), 0)).toEqual({ kind: 'breaker-failure', retryAfterMs: 30_000, holds: false });
  });
  it('counts every failed transport for the circuit, also after a status of 200', () => {
    const failed: Exchange = { kind: 'failed', durationMs: 1, failure: 'timeout', detail: '', status: 200 };
    expect(classify(failed, 0).kind).toBe('breaker-failure');
  });
  it('charges our own trouble to nobody', () => {
    expect(classify({ kind: 'not-sent', durationMs: 0, detail: 'EMFILE' }, 0)).toEqual({ kind: 'not-sent' });
  });
});
