import { describe, expect, it } from 'vitest';
import {
  approve, ask, bob, carl, counter, DAY, decline, facts, first, groupFacts, HOUR, lesson, manager, MINUTE, O, outcome, partner, petra,
  play, REQUEST, sceneOf, stranger, student, teacher, tick, types, withdraw,
} from '../../test/scene.ts';
import type { Actor } from './state.ts';

const scene = sceneOf(lesson());
const N = O + 2 * DAY;
const NOW = O - DAY;
const open = (by: Actor, world = facts()) => play(scene, world, [NOW, ask(by, N)]).scene;
const answer = (by: Actor, asker: Actor, world = facts()) => outcome(play(open(asker, world), world, [NOW, approve(by)]));

describe('one student: the other side answers', () => {
  it.each([
    [teacher, student, 'accepted'], [teacher, partner, 'accepted'],
    [student, teacher, 'accepted'], [partner, teacher, 'accepted'],
    [student, partner, 'own-offer'], [partner, student, 'own-offer'], [teacher, teacher, 'own-offer'],
    [teacher, stranger, 'not-a-participant'], [teacher, manager, 'not-a-participant'],
  ])('%o asked: approval by %o is %s', (asker, by, expected) => {
    expect(answer(by, asker)).toBe(expected);
    expect(outcome(play(open(asker), facts(), [NOW, decline(by)]))).toBe(expected);
    expect(outcome(play(open(asker), facts(), [NOW, counter(by, N + DAY)]))).toBe(expected);
  });

  it('the first valid answer binds', () => {
    const approved = play(open(teacher), facts(), [NOW, approve(student)]);
    expect(first(approved)).toMatchObject({ status: 'scheduled', start: N, sequence: 2, next: { at: N + HOUR, kind: 'complete' } });
    expect(approved.scene.requests[0]).toMatchObject({ status: 'closed', outcome: 'approved', offers: [{ status: 'approved' }] });
    expect(outcome(play(approved.scene, facts(), [NOW, decline(partner)]))).toBe('request-closed');
  });

  it('only who asked, or their partner, withdraws', () => {
    const withdrawn = (asker: Actor, by: Actor) => outcome(play(open(asker), facts(), [NOW, withdraw(by)]));
    expect(withdrawn(student, student)).toBe('accepted');
    expect(withdrawn(student, partner)).toBe('accepted');
    expect(withdrawn(partner, student)).toBe('not-your-request');
    expect(withdrawn(teacher, student)).toBe('not-your-request');
    expect(withdrawn(teacher, teacher)).toBe('accepted');
    expect(withdrawn(student, stranger)).toBe('not-a-participant');
  });

  it('a counter turns the turn: same request, older offers never revive', () => {
    const countered = play(open(student), facts(), [NOW, counter(teacher, N + DAY)]);
    expect(countered.scene.requests).toHaveLength(1);
    expect(countered.scene.requests[0]?.offers.map(({ status }) => status)).toEqual(['countered', 'open']);
    expect(first(countered).start).toBe(O);
    const then = (command: ReturnType<typeof approve>) => play(countered.scene, facts(), [NOW, command]);
    expect(then(approve(student, 1)).refusal).toMatchObject({ code: 'offer-superseded', offer: 2 });
    expect(outcome(then(approve(teacher, 2)))).toBe('own-offer');
    expect(first(then(approve(partner, 2)))).toMatchObject({ status: 'scheduled', start: N + DAY });
    expect(outcome(then(withdraw(student)))).toBe('accepted');
    expect(outcome(then(withdraw(teacher)))).toBe('not-your-request');
    expect(outcome(then(approve(student, 3)))).toBe('offer-superseded');
  });

  it('the direction of a counter counts: an hour before the old start nobody is reminded of an earlier one', () => {
    const earlier = play(open(student), facts(), [NOW, counter(teacher, O - 3 * HOUR)]);
    expect(first(earlier).next).toEqual({ at: O - 3 * HOUR - 10 * MINUTE, kind: 'expire' });
    const again = play(earlier.scene, facts(), [NOW, counter(student, N, 2)]);
    expect(first(again).next).toEqual({ at: O - HOUR, kind: 'remind' });
  });

  it('one open request a lesson: the second meets the first', () => {
    const second = { ...ask(student, N + DAY), requestId: 'other' } as ReturnType<typeof ask>;
    expect(play(open(teacher), facts(), [NOW, second]).refusal).toMatchObject({ code: 'request-open', requestId: REQUEST, offer: 1 });
  });
});

describe('a group: the teacher and every seat', () => {
  const world = groupFacts();
  const after = (asker: Actor, ...answers: Actor[]) =>
    play(open(asker, world), world, ...answers.map((by) => [NOW, approve(by)] as const));

  it.each([
    [teacher, [partner, petra]], [teacher, [student, bob, carl]], [teacher, [partner, carl]],
    [partner, [teacher, carl]], [partner, [petra, teacher]],
    [student, [teacher, bob, carl]], [student, [partner, petra, teacher]],
  ])('%o asked: %o together bind', (asker, answers) => {
    const partly = after(asker, ...answers.slice(0, -1));
    expect(first(partly)).toMatchObject({ status: 'offered', start: O });
    expect(types(partly)).toEqual(answers.length > 1 ? ['move.agreed'] : ['move.requested']);
    expect(first(after(asker, ...answers))).toMatchObject({ status: 'scheduled', start: N });
  });

  it("counts the asker's own seats as agreed, and says who is missing", () => {
    expect(open(partner, world).requests[0]?.offers[0]?.agreed).toEqual(['seat:anna', 'seat:bob']);
    expect(after(partner, teacher).events[0]?.missing).toEqual(['seat:carl']);
    expect(outcome(play(open(partner, world), world, [NOW, approve(student)]))).toBe('own-offer');
    expect(outcome(play(open(student, world), world, [NOW, approve(partner)]))).toBe('accepted');
    const expired = play(after(partner, teacher).scene, world, [N - 10 * MINUTE, tick]);
    expect(expired.events.at(-1)).toMatchObject({ type: 'move.expired', missing: ['seat:carl'] });
  });

  it('one decline closes, also by who had agreed before', () => {
    for (const by of [carl, petra, teacher, bob]) {
      const declined = play(after(student, teacher, bob).scene, world, [NOW, decline(by)]);
      expect(first(declined)).toMatchObject({ status: 'scheduled', start: O });
      expect(declined.scene.requests[0]).toMatchObject({ status: 'closed', outcome: 'declined' });
    }
    expect(outcome(play(open(student, world), world, [NOW, decline(student)]))).toBe('own-offer');
  });

  it('who has agreed is told so, and nobody else is told again (simulation, seed 11)', () => {
    const again = play(after(student, teacher).scene, world, [NOW, approve(teacher)]);
    expect([outcome(again), types(again)]).toEqual(['already-agreed', []]);
  });

  it('a counter clears all approvals but its own', () => {
    const countered = play(after(student, teacher, bob).scene, world, [NOW, counter(carl, N + HOUR)]);
    expect(countered.scene.requests[0]?.offers[1]).toMatchObject({ number: 2, agreed: ['seat:carl'], status: 'open' });
    expect(outcome(play(countered.scene, world, [NOW, approve(teacher, 2)], [NOW, approve(partner, 2)]))).toBe('accepted');
  });

  it('a teacher whom everybody has left asks nobody', () => {
    const empty = groupFacts({ seats: [] });
    expect(outcome(play(scene, empty, [NOW, ask(teacher, N)]))).toBe('group-empty');
  });

  it('a student may neither ask for a series nor counter one', () => {
    const two = sceneOf(lesson(), lesson({ id: 'l2', start: O + 7 * DAY }));
    const asked = play(two, world, [NOW, ask(teacher, O + DAY, { scope: 'series' })]);
    expect(outcome(asked)).toBe('accepted');
    expect(outcome(play(asked.scene, world, [NOW, counter(student, O + 2 * DAY)]))).toBe('role-may-not-move');
    expect(outcome(play(asked.scene, world, [NOW, counter(partner, O + 2 * DAY)]))).toBe('accepted');
    expect(outcome(play(asked.scene, world, [NOW, approve(student)]))).toBe('accepted');
  });
});
