import { describe, expect, it } from 'vitest';
import {
  approve, ask, DAY, decline, facts, first, HOUR, lesson, LIMIT, manager, O, outcome, play, propose, restore, sceneOf, stranger, student, teacher, tick, types,
} from '../../test/scene.ts';
import type { Command } from './commands.ts';

const scene = sceneOf(lesson());
const FROZEN = O - DAY;
const frozen = facts({ frozenSince: FROZEN });
const waiting = play(scene, facts(), [O - 3 * DAY, ask(teacher, O - 2 * DAY)], [O - 2 * DAY, tick]).scene;

describe('while a package rests', () => {
  it('a lesson whose start comes does not take place: it awaits a new time, and a limit is ahead of it', () => {
    const before = play(scene, frozen, [O - 1, tick]);
    expect(types(before)).toEqual([]);
    expect(first(before)).toMatchObject({ status: 'scheduled', next: { at: O, kind: 'suspend' } });
    const suspended = play(scene, frozen, [O, tick]);
    expect(types(suspended)).toEqual(['lesson.suspended']);
    expect(first(suspended)).toMatchObject({ status: 'awaiting', awaitingSince: O, next: { at: LIMIT, kind: 'lapse' } });
    expect(suspended.scene.requests).toMatchObject([{ status: 'waiting', scope: 'lesson', offers: [] }]);
    expect(types(play(suspended.scene, frozen, [O + 5 * DAY, tick]))).toEqual([]);
  });
  it('a lesson that was running is held to its end, one that began at that very moment is not', () => {
    expect(types(play(scene, facts({ frozenSince: O + 1 }), [O + HOUR, tick]))).toEqual(['lesson.completed']);
    expect(types(play(scene, facts({ frozenSince: O }), [O, tick]))).toEqual(['lesson.suspended']);
  });
  it('nobody moves anything, and a stranger still is one', () => {
    expect(outcome(play(scene, frozen, [O - HOUR, ask(student, O + DAY)]))).toBe('package-frozen');
    expect(outcome(play(scene, frozen, [O - HOUR, ask(stranger, O + DAY)]))).toBe('not-a-participant');
    expect(outcome(play(waiting, frozen, [O - HOUR, propose(student, O + DAY)]))).toBe('package-frozen');
    expect(outcome(play(waiting, frozen, [O - HOUR, restore(student)]))).toBe('package-frozen');
    const open = play(scene, facts(), [O - 2 * DAY, ask(teacher, O + DAY)]).scene;
    expect(outcome(play(open, frozen, [O - HOUR, approve(student)]))).toBe('package-frozen');
    // An offer that was open can still be ended.
    expect(outcome(play(open, frozen, [O - HOUR, decline(student)]))).toBe('accepted');
  });
  it('nobody is followed up about a lesson they cannot move; its old slot is given up as ever, and it can lapse', () => {
    expect(first(play(waiting, frozen, [O - HOUR, tick])).next).toEqual({ at: O - 10 * 60_000, kind: 'unfinished' });
    expect(types(play(waiting, frozen, [LIMIT - 1, tick]))).toEqual(['move.unfinished']);
    const lapsed = play(waiting, frozen, [LIMIT, tick]);
    expect(first(lapsed)).toMatchObject({ status: 'lapsed', next: { kind: 'ask-manager' } });
    const set: Command = { type: 'set-time', lessonId: 'l1', to: { wall: '2027-03-05T10:00' }, by: manager };
    expect(outcome(play(lapsed.scene, frozen, [LIMIT, set]))).toBe('accepted');
  });
  it('when it goes on, follow-ups go on at once, and a new time can be agreed', () => {
    const suspended = play(scene, frozen, [O, tick]).scene;
    const resumed = play(suspended, facts(), [O + 3 * DAY, tick]);
    expect(types(resumed)).toEqual(['lesson.followed-up']);
    const thread = first(resumed).requestId as string;
    const proposed = play(resumed.scene, facts(), [O + 3 * DAY, propose(student, O + 5 * DAY, thread)]);
    expect(first(play(proposed.scene, facts(), [O + 3 * DAY, { ...approve(teacher), requestId: thread } as Command])))
      .toMatchObject({ status: 'scheduled', start: O + 5 * DAY });
  });
});
