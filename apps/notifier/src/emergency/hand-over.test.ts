import { describe, expect, it } from 'vitest';
import type { Problem } from '../problems/problem.ts';
import { reconcile } from './hand-over.ts';

const problem = (more: Partial<Problem>): Problem => ({
  fingerprint: 'database-down:results',
  kind: 'database-down',
  service: 'results',
  severity: 'critical',
  title: 'No database',
  detail: 'refused',
  labels: {},
  level: true,
  state: 'firing',
  stateAtMs: 100,
  told: 'firing',
  toldAtMs: 100,
  firstAtMs: 100,
  lastAtMs: 100,
  resolvedAtMs: null,
  total: 1,
  untold: 0,
  step: 1,
  quietUntilMs: 60_100,
  flaps: 0,
  acknowledgedAtMs: null,
  acknowledgedBy: null,
  mutedUntilMs: null,
  escalations: 0,
  ...more,
});

describe('reconcile', () => {
  it('keeps what only this replica knows', () => {
    const mine = problem({});
    expect(reconcile(mine, undefined)).toBe(mine);
  });
  it('does not open again what another replica has told to be over', () => {
    const theirs = problem({ state: 'resolved', stateAtMs: 500, told: 'resolved', toldAtMs: 500, resolvedAtMs: 500, total: 4 });
    expect(reconcile(problem({ total: 9, untold: 2 }), theirs)).toMatchObject({ state: 'resolved', told: 'resolved', toldAtMs: 500, untold: 0, total: 9 });
  });
  it('does not tell a beginning again that another replica has told', () => {
    const theirs = problem({ told: 'firing', toldAtMs: 300, step: 3, quietUntilMs: 90_000 });
    expect(reconcile(problem({ stateAtMs: 400, told: 'nothing', toldAtMs: null, untold: 1 }), theirs)).toMatchObject({ told: 'firing', step: 3, quietUntilMs: 90_000, untold: 1 });
  });
  it('lets the newer state of this replica win', () => {
    const mine = problem({ state: 'resolved', stateAtMs: 900, told: 'resolved', toldAtMs: 900, resolvedAtMs: 900 });
    expect(reconcile(mine, problem({}))).toMatchObject({ state: 'resolved', told: 'resolved', resolvedAtMs: 900 });
  });
});
