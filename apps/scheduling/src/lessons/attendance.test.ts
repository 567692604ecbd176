import { describe, expect, it } from 'vitest';
import {
  bob, carl, DAY, facts, first, groupFacts, HOUR, lesson, manager, MINUTE, O, outcome, partner, play, sceneOf, stranger, student, system, teacher, tick, types, ask,
} from '../../test/scene.ts';
import type { Command } from '../moves/commands.ts';
import type { Actor } from '../moves/state.ts';
import { PACKAGE_KINDS } from '../packages/kinds.ts';

const scene = sceneOf(lesson());
const missed = (by: Actor, ...absent: string[]): Command => ({ type: 'report', lessonId: 'l1', outcome: 'missed', absent, by });
const held = (by: Actor): Command => ({ type: 'report', lessonId: 'l1', outcome: 'held', by });
const who = (decision: ReturnType<typeof play>): string[] => first(decision).absences.map(({ id, role, by }) => `${role} ${id} said ${by.id}`);

describe('who may report what, and until when', () => {
  it.each(PACKAGE_KINDS)('%s: the teacher about everybody, students and partners about the teacher, the manager about everybody', (kind) => {
    const world = kind === 'group' ? groupFacts() : facts({ kind });
    const may = (by: Actor, absent: string) => outcome(play(scene, world, [O, missed(by, absent)]));
    expect([teacher, manager].flatMap((by) => [may(by, 'anna'), may(by, 'tom')])).toEqual(Array(4).fill('accepted'));
    expect([student, partner].map((by) => may(by, 'tom'))).toEqual(['accepted', 'accepted']);
    expect([student, partner].map((by) => may(by, 'anna'))).toEqual(['role-may-not-report', 'role-may-not-report']);
    expect([may(stranger, 'tom'), may(system, 'tom')]).toEqual(['not-a-participant', 'not-a-participant']);
    expect([may(teacher, 'eve'), may(teacher, 'paul'), may(student, 'eve')]).toEqual(Array(3).fill('absent-unknown'));
  });
  it('from the start of the lesson until a day after its end, the manager later too', () => {
    const end = O + HOUR + DAY;
    for (const command of [missed(teacher, 'anna'), missed(student, 'tom')]) {
      const at = (now: number) => outcome(play(scene, facts(), [now, command]));
      expect([at(O - 1), at(O), at(end - 1), at(end)]).toEqual(['not-over-yet', 'accepted', 'accepted', 'too-late-to-report']);
    }
    expect(outcome(play(scene, facts(), [O - 1, missed(manager, 'tom')]))).toBe('not-over-yet');
    expect(outcome(play(scene, facts(), [O + 30 * DAY, missed(manager, 'tom')]))).toBe('accepted');
  });
  it('only about a lesson that has its time', () => {
    const waiting = play(scene, facts(), [O - DAY, ask(teacher, O - HOUR)], [O, tick]);
    expect(outcome(play(waiting.scene, facts(), [O + HOUR, missed(teacher, 'anna')]))).toBe('lesson-not-held');
    expect(outcome(play(sceneOf(lesson({ status: 'cancelled' })), facts(), [O, missed(teacher, 'anna')]))).toBe('lesson-not-held');
  });
  it('by and about those who had a seat at its start, whoever has one by now', () => {
    const was = groupFacts({ seats: [{ studentId: 'bob', partnerId: 'paul' }], seatsThen: [{ studentId: 'carl', partnerId: 'petra' }] });
    expect([missed(carl, 'tom'), missed(bob, 'tom'), missed(teacher, 'bob')].map((command) => outcome(play(scene, was, [O, command]))))
      .toEqual(['accepted', 'not-a-participant', 'absent-unknown']);
    // Everybody who was to come stayed away.
    expect(first(play(scene, was, [O, missed(teacher, 'carl')])).status).toBe('missed');
  });
  it('by whoever taught it, also when another one teaches the package by now', () => {
    const replaced = facts({ teacherId: 'tina' });
    expect(outcome(play(scene, replaced, [O, missed(teacher, 'anna')]))).toBe('accepted');
    expect(outcome(play(scene, replaced, [O, missed({ id: 'tina', role: 'teacher' }, 'anna')]))).toBe('not-a-participant');
    expect(who(play(scene, replaced, [O, missed(student, 'tom')]))).toEqual(['teacher tom said anna']);
  });
});

describe('what a report does', () => {
  it('records who stayed away and who said so, and tells it', () => {
    const reported = play(scene, facts(), [O + 20 * MINUTE, missed(teacher, 'anna', 'anna')]);
    expect(first(reported)).toMatchObject({ status: 'missed', next: undefined });
    expect(who(reported)).toEqual(['student anna said tom']);
    expect(reported.events).toMatchObject([{ type: 'lesson.missed', by: teacher, absences: [{ id: 'anna', role: 'student', by: teacher, at: O + 20 * MINUTE }] }]);
    expect(outcome(play(reported.scene, facts(), [O + HOUR, missed(teacher, 'anna')]))).toBe('already-reported');
  });
  it('of a group it is missed when the teacher or every student stayed away; else it goes on', () => {
    const one = play(scene, groupFacts(), [O + MINUTE, missed(teacher, 'anna')]);
    expect(first(one)).toMatchObject({ status: 'scheduled', next: { kind: 'complete', at: O + HOUR } });
    const over = play(one.scene, groupFacts(), [O + HOUR, tick]);
    expect([first(over).status, who(over)]).toEqual(['completed', ['student anna said tom']]);
    const all = play(over.scene, groupFacts(), [O + HOUR, missed(teacher, 'anna', 'bob', 'carl')]);
    expect([first(all).status, types(all)]).toEqual(['missed', ['lesson.missed']]);
    expect(first(play(all.scene, groupFacts(), [O + 2 * HOUR, missed(teacher, 'bob')])).status).toBe('completed');
    expect(first(play(scene, groupFacts(), [O, missed(bob, 'tom')])).status).toBe('missed');
  });
  it('both sides may say it of each other: both are kept, and each takes back its own', () => {
    const both = play(scene, facts(), [O, missed(student, 'tom')], [O + 1, missed(teacher, 'anna')]);
    expect(who(both)).toEqual(['teacher tom said anna', 'student anna said tom']);
    const mine = play(both.scene, facts(), [O + 2, held(teacher)]);
    expect([first(mine).status, who(mine)]).toEqual(['missed', ['teacher tom said anna']]);
    expect(outcome(play(mine.scene, facts(), [O + 3, held(teacher)]))).toBe('not-your-report');
    const none = play(mine.scene, facts(), [O + 3, held(student)]);
    expect([first(none).status, who(none), types(none)]).toEqual(['completed', [], ['lesson.completed']]);
    expect(who(play(both.scene, facts(), [O + 2, held(manager)]))).toEqual([]);
    expect(who(play(both.scene, facts(), [O + 2, missed(manager, 'tom')]))).toEqual(['teacher tom said mia']);
  });
  it('the teacher may say that it was held, from its start on; nobody twice', () => {
    expect(outcome(play(scene, facts(), [O - 1, held(teacher)]))).toBe('not-over-yet');
    const done = play(scene, facts(), [O, held(teacher)]);
    expect(first(done)).toMatchObject({ status: 'completed', next: undefined });
    expect(outcome(play(done.scene, facts(), [O, held(teacher)]))).toBe('already-reported');
    expect(outcome(play(scene, facts(), [O, held(carl)]))).toBe('not-a-participant');
    expect(outcome(play(scene, facts(), [O, held(student)]))).toBe('role-may-not-report');
  });
});
