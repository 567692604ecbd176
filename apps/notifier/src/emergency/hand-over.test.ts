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
  it('begins anew what began after the stored episode was over', () => {
    const ended = { state: 'resolved', told: 'resolved', stateAtMs: 500, toldAtMs: 500, lastAtMs: 500, resolvedAtMs: 500 } as const;
    const theirs = problem({ ...ended, total: 200, step: 7, flaps: 3, escalations: 2, acknowledgedAtMs: 200, acknowledgedBy: 'Anna', mutedUntilMs: 700, quietUntilMs: 9_999 });
    const mine = problem({ firstAtMs: 600, lastAtMs: 800, stateAtMs: 800, toldAtMs: 600, total: 3, untold: 2, quietUntilMs: 60_600 });
    expect(reconcile(mine, theirs)).toEqual({ ...mine, mutedUntilMs: 700 });
    expect(reconcile({ ...mine, ...ended, lastAtMs: 900 }, theirs)).toMatchObject({ firstAtMs: 600, total: 3, acknowledgedBy: null });
  });
  it('leaves alone what began elsewhere after its own episode was over', () => {
    const mine = problem({ state: 'resolved', told: 'resolved', stateAtMs: 500, toldAtMs: 500, lastAtMs: 500, resolvedAtMs: 500, total: 200, step: 7 });
    const theirs = problem({ firstAtMs: 600, lastAtMs: 600, stateAtMs: 600, toldAtMs: 600, acknowledgedAtMs: 650, acknowledgedBy: 'Anna' });
    expect(reconcile(mine, theirs)).toBe(theirs);
  });
  it('goes on with a stored episode that nobody has ended', () => {
    expect(reconcile(problem({ firstAtMs: 600, lastAtMs: 600, stateAtMs: 600 }), problem({ total: 7 }))).toMatchObject({ firstAtMs: 100, total: 7 });
  });
});
