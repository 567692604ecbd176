import type { AlertData } from '@schoolbell/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide, type ProblemEvent } from './decide.ts';
import { EVENT_EXPIRES_AFTER_MS, FLAP_WINDOW_MS, FORGET_STEPS_AFTER_MS } from './policy.ts';
import type { Notice, Problem } from './problem.ts';

const MINUTE_MS = 60_000;
const START_MS = 1_800_000_000_000;

const alertOf = (state: AlertData['state'], detail = 'why'): AlertData => ({
  fingerprint: 'circuit-open:acme-lms',
  kind: 'circuit-open',
  state,
  severity: 'critical',
  service: 'delivery',
  title: 'Circuit of acme-lms is open',
  detail,
  labels: { destination: 'acme-lms' },
});

/** A problem and its chat: `at` is minutes from the start, and what was told is kept as `minute:phase×count`. */
function story(level = false) {
  let problem: Problem | undefined;
  const notices: Notice[] = [];
  const step = (event: ProblemEvent, nowMs: number): void => {
    const decision = decide(problem, event, nowMs);
    problem = decision.problem;
    if (decision.notice !== undefined) notices.push(decision.notice);
  };
  const alert = (state: AlertData['state']) => (minute: number, saidAtMinute = minute) =>
    step({ type: 'alert', sighting: { alert: alertOf(state), atMs: START_MS + saidAtMinute * MINUTE_MS, level } }, START_MS + minute * MINUTE_MS);
  return {
    notices,
    problem: () => problem,
    firing: alert('firing'),
    resolved: alert('resolved'),
    tick: (minute: number) => step({ type: 'tick' }, START_MS + minute * MINUTE_MS),
    expire: (minute: number, tell: boolean) => step({ type: 'expire', tell }, START_MS + minute * MINUTE_MS),
    told: () => notices.map(({ phase, count, atMs }) => `${(atMs - START_MS) / MINUTE_MS}:${phase}×${count}`),
  };
}

describe('decide', () => {
  it('tells the first alert at once', () => {
    const tale = story();
    tale.firing(0);
    expect(tale.told()).toEqual(['0:first×1']);
    expect(tale.notices[0]).toMatchObject({ title: 'Circuit of acme-lms is open', detail: 'why', total: 1, firstAtMs: START_MS });
  });

  it('counts what follows into digests at rising intervals', () => {
    const tale = story();
    for (let second = 0; second < 10 * 60; second += 1) {
      tale.firing(second / 60);
      tale.tick(second / 60);
    }
    expect(tale.told()).toEqual(['0:first×1', '1:digest×60', '3:digest×120', '8:digest×300']);
  });

  it('is silent at the last millisecond of the pause and speaks at its end', () => {
    const tale = story();
    tale.firing(0);
    tale.firing(0.5);
    tale.tick(1 - 1 / MINUTE_MS);
    expect(tale.told()).toHaveLength(1);
    tale.tick(1);
    expect(tale.told()).toEqual(['0:first×1', '1:digest×1']);
  });

  it('says nothing in a pause in which nothing happened', () => {
    const tale = story();
    tale.firing(0);
    tale.tick(1);
    tale.tick(60);
    expect(tale.told()).toEqual(['0:first×1']);
  });

  it('tells the end once, with what was not counted before', () => {
    const tale = story();
    tale.firing(0);
    tale.firing(0.2);
    tale.firing(0.3);
    tale.resolved(0.4);
    tale.resolved(0.5);
    tale.tick(5);
    expect(tale.told()).toEqual(['0:first×1', '0.4:resolved×2']);
    expect(tale.problem()).toMatchObject({ state: 'resolved', total: 3, untold: 0 });
  });

  it('begins a new episode at once after an end', () => {
    const tale = story();
    tale.firing(0);
    tale.resolved(1);
    tale.firing(2);
    expect(tale.told()).toEqual(['0:first×1', '1:resolved×0', '2:first×1']);
    expect(tale.problem()).toMatchObject({ total: 1, firstAtMs: START_MS + 2 * MINUTE_MS });
  });

  it('slows down a problem that flickers, and counts what it keeps to itself', () => {
    const tale = story();
    for (let flicker = 0; flicker < 200; flicker += 1) {
      tale.firing(flicker * 0.1);
      tale.resolved(flicker * 0.1 + 0.05);
      tale.tick(flicker * 0.1 + 0.06);
    }
    tale.tick(100);
    expect(tale.notices.length).toBeLessThan(20);
    expect(tale.notices.reduce((sum, { count }) => sum + count, 0)).toBe(200);
    expect(tale.told().slice(0, 6)).toEqual(['0:first×1', '0.05:resolved×0', '0.1:first×1', '0.15:resolved×0', '0.2:first×1', '0.25:resolved×0']);
  });

  it('forgets the flickers after a calm time', () => {
    const tale = story();
    for (const minute of [0, 1, 2, 3]) {
      tale.firing(minute);
      tale.resolved(minute + 0.1);
    }
    const calm = 3.1 + FLAP_WINDOW_MS / MINUTE_MS;
    tale.tick(calm);
    tale.firing(calm);
    expect(tale.told().at(-1)).toBe(`${calm}:first×1`);
    expect(tale.problem()).toMatchObject({ flaps: 0 });
  });

  it('keeps the newest state when an older alert comes late', () => {
    const tale = story();
    tale.firing(0);
    tale.resolved(2);
    tale.firing(3, 1);
    tale.tick(4);
    expect(tale.problem()).toMatchObject({ state: 'resolved' });
    expect(tale.told()).toEqual(['0:first×1', '2:resolved×0', '3:passed×1']);
  });

  it('tells an episode whose end came before its beginning as one that has passed', () => {
    const tale = story();
    tale.resolved(1);
    expect(tale.told()).toEqual([]);
    tale.firing(2, 0);
    expect(tale.told()).toEqual(['2:passed×1']);
    expect(tale.problem()).toMatchObject({ state: 'resolved' });
  });

  it('does not let a clock that is ahead outrank the end', () => {
    const tale = story();
    tale.firing(0, 60);
    tale.resolved(1);
    expect(tale.told()).toEqual(['0:first×1', '1:resolved×0']);
  });

  it('knows nothing of the end of an unknown level', () => {
    const tale = story(true);
    tale.resolved(0);
    expect(tale.problem()).toBeUndefined();
  });

  it('tells like a first one what comes after a long silence', () => {
    const tale = story();
    tale.firing(0);
    const later = FORGET_STEPS_AFTER_MS / MINUTE_MS + 1;
    tale.firing(later);
    tale.firing(later);
    tale.tick(later + 1);
    expect(tale.told()).toEqual(['0:first×1', `${later}:first×1`, `${later + 1}:digest×1`]);
  });

  it('tells that a level is no longer reported', () => {
    const tale = story(true);
    tale.firing(0);
    tale.expire(1, true);
    expect(tale.told()).toEqual(['0:first×1', '1:resolved×0']);
    expect(tale.notices[1]!.detail).toBe('Nobody reports it any more.');
    tale.firing(2);
    expect(tale.told().at(-1)).toBe('2:first×1');
  });

  it('closes in silence an event that has no end, and tells the next one at once', () => {
    const tale = story();
    tale.firing(0);
    const later = EVENT_EXPIRES_AFTER_MS / MINUTE_MS;
    tale.expire(later, false);
    expect(tale.problem()).toMatchObject({ state: 'resolved', told: 'resolved' });
    tale.firing(later + 1);
    expect(tale.told()).toEqual(['0:first×1', `${later + 1}:first×1`]);
  });

  it('adds up: whatever comes in whatever order, notices count every alert once and ends are told once', () => {
    const happening = fc.oneof(
      { weight: 6, arbitrary: fc.record({ what: fc.constant('firing' as const), lateMs: fc.integer({ min: 0, max: 120_000 }) }) },
      { weight: 2, arbitrary: fc.record({ what: fc.constant('resolved' as const), lateMs: fc.integer({ min: 0, max: 120_000 }) }) },
      { weight: 2, arbitrary: fc.record({ what: fc.constant('tick' as const), lateMs: fc.constant(0) }) },
      { weight: 1, arbitrary: fc.record({ what: fc.constant('expire' as const), lateMs: fc.constant(0) }) },
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(happening, fc.integer({ min: 0, max: 20 * MINUTE_MS })), { maxLength: 60 }), (happenings) => {
        let nowMs = START_MS;
        let problem: Problem | undefined;
        let alerts = 0;
        const notices: Notice[] = [];
        const step = (event: ProblemEvent): void => {
          const decision = decide(problem, event, nowMs);
          problem = decision.problem;
          if (decision.notice !== undefined) notices.push(decision.notice);
        };
        for (const [{ what, lateMs }, pauseMs] of happenings) {
          nowMs += pauseMs;
          if (what === 'tick') step({ type: 'tick' });
          else if (what === 'expire') step({ type: 'expire', tell: true });
          else {
            if (what === 'firing') alerts += 1;
            step({ type: 'alert', sighting: { alert: alertOf(what), atMs: nowMs - lateMs, level: false } });
          }
        }
        nowMs += 24 * 60 * MINUTE_MS;
        step({ type: 'tick' });
        step({ type: 'tick' });
        expect(notices.reduce((sum, { count }) => sum + count, 0)).toBe(alerts);
        // An end is told only of what was told to have begun.
        let open = false;
        for (const { phase } of notices) {
          if (phase === 'resolved') expect(open).toBe(true);
          if (phase === 'first' || phase === 'resolved') open = phase === 'first';
        }
        expect(problem?.state === 'firing').toBe(open);
      }),
    );
  });
});
