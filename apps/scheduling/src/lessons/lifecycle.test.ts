import { describe, expect, it } from 'vitest';
import {
  ask, DAY, facts, first, groupFacts, HOUR, lesson, LIMIT, manager, MINUTE, O, outcome, partner, play, propose, REQUEST, sceneOf, series,
  student, system, teacher, tick, types, at, stranger,
} from '../../test/scene.ts';
import type { Command } from '../moves/commands.ts';
import type { Actor } from '../moves/state.ts';
import { PACKAGE_KINDS } from '../packages/kinds.ts';

const scene = sceneOf(lesson());
const cancel = (by: Actor, lessonId = 'l1'): Command => ({ type: 'cancel', lessonId, by, reason: 'ill' });

describe('completion', () => {
  it('a scheduled lesson is over by time', () => {
    expect(types(play(scene, facts(), [O + HOUR - 1, tick]))).toEqual([]);
    const over = play(scene, facts(), [O + HOUR, tick]);
    expect(types(over)).toEqual(['lesson.completed']);
    expect(first(over)).toMatchObject({ status: 'completed', next: undefined });
  });
});

describe('cancellation', () => {
  it.each(PACKAGE_KINDS)('%s: who may, and until when', (kind) => {
    const world = kind === 'group' ? groupFacts() : facts({ kind });
    const may = (by: Actor, now = O - 1) => outcome(play(scene, world, [now, cancel(by)]));
    expect(may(teacher)).toBe('accepted');
    expect(may(teacher, O)).toBe('too-late-to-cancel');
    expect(may(manager, O)).toBe('accepted');
    expect(may(manager, O + HOUR)).toBe('lesson-final');
    const learners = kind === 'group' ? 'role-may-not-cancel' : 'accepted';
    expect([may(student), may(partner)]).toEqual([learners, learners]);
    expect(may(stranger)).toBe('not-a-participant');
    expect(may(system)).toBe('not-a-participant');
  });
  it('takes the lesson out of its request: one left is an ordinary request, none left closes it', () => {
    const open = play(sceneOf(...series(2)), facts(), [O - DAY, ask(teacher, O + DAY, { scope: 'series' })]);
    const one = play(open.scene, facts(), [O - DAY, cancel(student, 'l2')]);
    expect(one.scene.requests[0]).toMatchObject({ status: 'offered', scope: 'lesson' });
    expect(one.scene.lessons[1]).toMatchObject({ status: 'cancelled', next: undefined, requestId: undefined });
    const none = play(one.scene, facts(), [O - DAY, cancel(student)]);
    expect(none.scene.requests[0]).toMatchObject({ status: 'closed', outcome: 'closed', offers: [{ status: 'closed' }] });
  });
  it('an awaiting lesson has no start to be late for', () => {
    const waiting = play(scene, facts(), [O - DAY, ask(teacher, O + DAY)], [O + 2 * DAY, tick]);
    const cancelled = play(waiting.scene, facts(), [O + 2 * DAY, cancel(partner)]);
    expect(first(cancelled).status).toBe('cancelled');
    expect(cancelled.scene.requests[0]?.status).toBe('closed');
  });
});

describe('lapsed: the manager decides', () => {
  const lapsed = play(scene, facts(), [O - DAY, ask(teacher, O + DAY)], [LIMIT, tick]).scene;
  const setTime = (by: Actor, start: number): Command => ({ type: 'set-time', lessonId: 'l1', to: at(start), by });
  const extend = (by: Actor, limit: number): Command => ({ type: 'extend-limit', lessonId: 'l1', limit, requestId: 'thread', by });

  it('sets a time, also beyond the limit of the package but not of the contract', () => {
    const set = play(lapsed, facts(), [LIMIT, setTime(manager, LIMIT + DAY)]);
    expect(first(set)).toMatchObject({ status: 'scheduled', start: LIMIT + DAY, lapsedSince: undefined });
    expect(types(set)).toEqual(['lesson.set']);
    expect(outcome(play(lapsed, facts(), [LIMIT, setTime(teacher, LIMIT + DAY)]))).toBe('role-may-not-decide');
    expect(outcome(play(lapsed, facts(), [LIMIT, setTime(manager, LIMIT + 101 * DAY)]))).toBe('beyond-contract-end');
    expect(outcome(play(lapsed, facts(), [LIMIT, setTime(manager, LIMIT)]))).toBe('offer-in-past');
    expect(outcome(play(scene, facts(), [O - DAY, setTime(manager, LIMIT)]))).toBe('lesson-not-lapsed');
  });
  it('a lesson set beyond the limit can still be moved without lapsing at once', () => {
    const set = play(lapsed, facts(), [LIMIT, setTime(manager, LIMIT + 5 * DAY)], [LIMIT, { ...ask(teacher, LIMIT + 3 * DAY), requestId: 'again' } as Command]);
    expect(first(set)).toMatchObject({ status: 'offered', next: { kind: 'expire' } });
  });
  it('extends the limit: both sides get time again', () => {
    const extended = play(lapsed, facts(), [LIMIT + DAY, extend(manager, LIMIT + 30 * DAY)]);
    expect(first(extended)).toMatchObject({ status: 'awaiting', next: { at: LIMIT + 2 * DAY, kind: 'follow-up' } });
    const proposed = play(extended.scene, facts(), [LIMIT + DAY, propose(student, LIMIT + 29 * DAY, 'thread')]);
    expect(outcome(proposed)).toBe('accepted');
    expect(first(play(extended.scene, facts(), [LIMIT + 30 * DAY, tick])).status).toBe('lapsed');
    expect(outcome(play(lapsed, facts(), [LIMIT + DAY, extend(manager, LIMIT + DAY)]))).toBe('beyond-extended-limit');
    expect(outcome(play(lapsed, facts(), [LIMIT + DAY, extend(partner, LIMIT + 9 * DAY)]))).toBe('role-may-not-decide');
    expect(outcome(play(lapsed, facts({ contracts: [{ start: 0, end: LIMIT }] }), [LIMIT + DAY, extend(manager, LIMIT + 9 * DAY)])))
      .toBe('beyond-contract-end');
  });
  it('extends it also while the teacher is between two contracts', () => {
    const between = facts({ contracts: [{ start: 0, end: LIMIT }, { start: LIMIT + 3 * DAY, end: LIMIT + 90 * DAY }] });
    const extended = play(lapsed, between, [LIMIT + DAY, extend(manager, LIMIT + 30 * DAY)]);
    expect(first(extended)).toMatchObject({ status: 'awaiting', next: { kind: 'follow-up' } });
    expect(outcome(play(extended.scene, between, [LIMIT + DAY, propose(student, LIMIT + 2 * DAY, 'thread')]))).toBe('outside-contract');
    expect(outcome(play(extended.scene, between, [LIMIT + DAY, propose(student, LIMIT + 4 * DAY, 'thread')]))).toBe('accepted');
  });
  it('puts it back to its own time while that is ahead', () => {
    const ended = facts({ contracts: [{ start: 0, end: O - 2 * DAY }] });
    const early = play(play(scene, facts(), [O - 3 * DAY, ask(teacher, O + DAY)]).scene, ended, [O - 2 * DAY, tick]).scene;
    expect(early.lessons[0]).toMatchObject({ status: 'lapsed', start: O });
    const set = play(early, facts(), [O - DAY, setTime(manager, O)]);
    expect(first(set)).toMatchObject({ status: 'scheduled', start: O, sequence: 2, next: { kind: 'complete' } });
    expect(outcome(play(early, facts(), [O - MINUTE, setTime(manager, O)]))).toBe('offer-too-near');
  });
  it('cancels; nobody else may', () => {
    expect(first(play(lapsed, facts(), [LIMIT, cancel(manager)])).status).toBe('cancelled');
    expect(outcome(play(lapsed, facts(), [LIMIT, cancel(teacher)]))).toBe('role-may-not-cancel');
  });
});

describe('requests closed by circumstances', () => {
  it('end with a reason, lessons go back or stay awaiting', () => {
    const open = play(scene, facts(), [O - DAY, ask(teacher, O + DAY)]).scene;
    const close = (by: Actor): Command => ({ type: 'close', requestId: REQUEST, reason: 'teacher-replaced', by });
    const closed = play(open, facts(), [O - 1, close(system)]);
    expect(first(closed)).toMatchObject({ status: 'scheduled', start: O });
    expect(closed.events.at(-1)).toMatchObject({ type: 'move.closed', reason: 'teacher-replaced' });
    expect(first(play(open, facts(), [O, close(manager)])).status).toBe('awaiting');
    expect(outcome(play(open, facts(), [O, close(teacher)]))).toBe('role-may-not-decide');
  });
});
