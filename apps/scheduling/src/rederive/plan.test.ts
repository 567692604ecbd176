import { describe, expect, it } from 'vitest';
import { DAY, facts, HOUR, lesson, O } from '../../test/scene.ts';
import type { Lesson } from '../moves/state.ts';
import { rederive } from './apply.ts';
import { componentsOf } from './components.ts';
import { shiftsOf, shiftsToMake, type Subject } from './plan.ts';

/** Lessons as an older release derived them: an hour late by what we know now. */
const late = (changes: Partial<Lesson> = {}): Lesson => {
  const right = lesson(changes);
  return { ...right, start: right.start + HOUR, tzVersion: '2026a' };
};
const subject = (one: Lesson, more = {}): Subject => ({ lesson: one, facts: facts(more) });
const made = (subjects: Subject[], now: number, busy: Parameters<typeof shiftsToMake>[2] = []) => {
  const all = subjects.flatMap((one) => shiftsOf(one, now));
  const moving = shiftsToMake(subjects, all, busy, now);
  return all.filter((shift) => moving.has(shift)).map(({ lessonId }) => lessonId);
};

describe('a new time-zone database', () => {
  it('moves the instant and keeps the wall clock, from 72 hours on', () => {
    const one = subject(late());
    expect(made([one], O - 72 * HOUR)).toEqual(['l1']);
    expect(made([one], O - 72 * HOUR + 1)).toEqual([]);
  });
  it('changes nothing that is past or derived the same', () => {
    expect(shiftsOf(subject(late()), O + HOUR)).toEqual([]);
    expect(shiftsOf(subject(lesson()), O - 30 * DAY)).toEqual([]);
  });
  it("a whole day moves together: lessons do not collide with each other's old slots", () => {
    const day = [0, 1, 2].map((index) => subject(late({ id: `l${index}`, start: O + index * HOUR })));
    expect(made(day, O - 10 * DAY)).toEqual(['l0', 'l1', 'l2']);
  });
  it('what keeps its instant stands in the way of the next, and that of the one after', () => {
    const day = [0, 1, 2].map((index) => subject(late({ id: `l${index}`, start: O + index * HOUR })));
    const held = [{ participantId: 'tom', lessonId: 'x', start: O - HOUR, end: O + 1 }];
    expect(made(day, O - 10 * DAY, held)).toEqual([]);
    expect(made([day[1] as Subject, day[2] as Subject], O - 10 * DAY, held)).toEqual(['l1', 'l2']);
  });
  it('does not move a lesson beyond its limit', () => {
    const early = { ...lesson(), start: O - HOUR, tzVersion: '2026a' };
    expect(made([subject(early)], O - 10 * DAY)).toEqual(['l1']);
    expect(made([subject(early, { limit: O + HOUR - 1 })], O - 10 * DAY)).toEqual([]);
    expect(made([subject(early, { contracts: [{ start: 0, end: O + HOUR - 1 }] })], O - 10 * DAY)).toEqual([]);
  });
});

describe('a lesson that keeps its instant', () => {
  const near = late();
  const now = O - 2 * DAY;
  const kept = rederive({ requests: [], lessons: [near] }, shiftsOf(subject(near), now), new Set(), now, facts());

  it('opens a request of the system that both sides answer', () => {
    expect(kept.scene.lessons[0]).toMatchObject({
      status: 'offered', start: O + HOUR, keepsInstant: true, tzVersion: '2026f', next: { at: O - 10 * 60_000, kind: 'expire' },
    });
    expect(kept.scene.requests[0]).toMatchObject({ origin: 'tz-database', status: 'offered', offers: [{ agreed: [], items: [{ start: O }] }] });
    expect(kept.events.map(({ type }) => type)).toEqual(['move.requested', 'lesson.instant-kept']);
  });
  it('asks no longer once another release has other rules, and says so', () => {
    const newer = rederive(kept.scene, [], new Set(), now, facts({ tzVersion: '2027a' }));
    expect(newer.scene.lessons[0]).toMatchObject({ status: 'scheduled', requestId: undefined, keepsInstant: false, tzVersion: '2027a' });
    expect(newer.scene.requests[0]).toMatchObject({ status: 'closed', outcome: 'closed' });
    expect(newer.events).toMatchObject([{ type: 'move.closed', reason: 'tz-database', lessons: [{ lessonId: 'l1', oldStart: O + HOUR, newStart: O }] }]);
  });
  it('is only told about when there is no time to answer', () => {
    const late1 = rederive({ requests: [], lessons: [near] }, shiftsOf(subject(near), O - 10 * 60_000), new Set(), O - 10 * 60_000, facts());
    expect(late1.scene.lessons[0]).toMatchObject({ status: 'scheduled', keepsInstant: true, start: O + HOUR });
    expect(late1.events.map(({ type }) => type)).toEqual(['lesson.instant-kept']);
  });
});

it('finds who belongs together', () => {
  const sets = componentsOf([['a', 'b'], ['c', 'd'], ['b', 'e'], ['f'], ['d', 'g']], (people) => people);
  expect(sets.map((set) => set.flat().sort().join('')).sort()).toEqual(['abbe', 'cddg', 'f']);
});
