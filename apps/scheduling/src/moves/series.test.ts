import { describe, expect, it } from 'vitest';
import { parseInstant } from '@schoolbell/time';
import { resolveWall, wallAt } from '@schoolbell/time/zones';
import {
  approve, ask, counter, DAY, decline, facts, groupFacts, HOUR, lesson, MINUTE, O, outcome, partner, petra, play, propose, REQUEST, restore,
  sceneOf, series, student, teacher, tick, types, ZONE,
} from '../../test/scene.ts';
import { claimsOf } from './claims.ts';
import type { Command } from './commands.ts';
import type { Decision } from './decide.ts';
import { planMove, regularFrom, suggestedExclusions } from './plan.ts';
import type { Lesson } from './state.ts';

const WEEK = 7 * DAY;
/** To Monday 10:00 of the next week. */
const MONDAY = resolveWall('2026-11-30T10:00', ZONE).instant;
const NOW = O - 2 * DAY;
const askSeries = (newStart = MONDAY, without: string[] = [], by = student) => ask(by, newStart, { scope: 'series', without });
const byId = ({ scene }: Decision, id: string): Lesson => scene.lessons.find((one) => one.id === id) as Lesson;
const requestOf = (decision: Decision, id: string) =>
  decision.scene.requests.find((one) => one.id === byId(decision, id).requestId);

describe.each([['individual', facts(), teacher], ['group', groupFacts(), partner]] as const)('a series of a %s package', (_kind, world, asker) => {
  const answers = asker === teacher ? [student] : [teacher, petra];
  const scene = sceneOf(...series(4));
  const open = play(scene, world, [NOW, askSeries(MONDAY, [], asker)]);
  const approveAll = (from: Decision, now: number, offer = 1) =>
    play(from.scene, world, ...answers.map((by) => [now, approve(by, offer)] as const));

  it('moves every lesson by weekday, time and weeks on the wall clock', () => {
    const moved = approveAll(open, NOW);
    expect(moved.scene.lessons.map(({ wall }) => wall)).toEqual([
      '2026-11-30T10:00', '2026-12-07T10:00', '2026-12-14T10:00', '2026-12-21T10:00',
    ]);
    expect(moved.scene.lessons.every(({ status, next }) => status === 'scheduled' && next?.kind === 'complete')).toBe(true);
    expect(types(moved)).toEqual(['move.approved']);
    expect(moved.events[0]?.lessons).toHaveLength(4);
  });

  it('7: each lesson is detached at its own deadline and goes on alone, the rest lives on', () => {
    const deadline = MONDAY - 10 * MINUTE;
    expect(play(open.scene, world, [deadline - 1, tick]).scene.requests).toHaveLength(1);
    const once = play(open.scene, world, [deadline, tick]);
    expect(types(once)).toEqual(['lesson.detached']);
    expect(byId(once, 'l1')).toMatchObject({ status: 'awaiting', start: O, next: { at: deadline + DAY, kind: 'follow-up' } });
    expect(requestOf(once, 'l1')).toMatchObject({ status: 'waiting', scope: 'lesson', detachedFrom: REQUEST });
    expect(requestOf(once, 'l2')).toMatchObject({ id: REQUEST, status: 'offered', scope: 'series' });

    const thrice = play(once.scene, world, [deadline + WEEK, tick], [deadline + 2 * WEEK, tick]);
    expect(requestOf(thrice, 'l4')).toMatchObject({ id: REQUEST, status: 'offered', scope: 'lesson' });
    const last = play(thrice.scene, world, [deadline + 3 * WEEK, tick]);
    expect(types(last).filter((type) => type.startsWith('move'))).toEqual(['move.expired']);
    expect(requestOf(last, 'l4')).toMatchObject({ id: REQUEST, status: 'waiting' });
    expect(new Set(last.scene.lessons.map(({ requestId }) => requestId)).size).toBe(4);
  });

  it('the rest is approved without the detached lesson, which gets its own time', () => {
    const once = play(open.scene, world, [MONDAY, tick]);
    const rest = approveAll(once, MONDAY);
    expect(rest.scene.lessons.map(({ status }) => status)).toEqual(['awaiting', 'scheduled', 'scheduled', 'scheduled']);
    const thread = byId(rest, 'l1').requestId as string;
    const proposed = play(rest.scene, world, [MONDAY, propose(teacher, MONDAY + DAY, thread)]);
    expect(outcome(proposed)).toBe('accepted');
    expect(byId(proposed, 'l1')).toMatchObject({ status: 'offered', next: { at: MONDAY + DAY - 10 * MINUTE, kind: 'expire' } });
    expect(approveAll(proposed, MONDAY + HOUR).refusal?.code).toBe('request-closed');
  });

  it('reminds of each lesson at its own old start', () => {
    const later = play(open.scene, world, [O - HOUR, tick]);
    expect(later.events.map(({ type, lessons }) => [type, lessons[0]?.lessonId])).toEqual([['move.reminded', 'l1']]);
  });

  it('8: declined, lessons before their start go back and those behind it stay awaiting alone', () => {
    const declined = play(open.scene, world, [O, decline(answers[0] ?? teacher)]);
    expect(declined.scene.lessons.map(({ status }) => status)).toEqual(['awaiting', 'scheduled', 'scheduled', 'scheduled']);
    expect(declined.scene.requests.find(({ id }) => id === REQUEST)).toMatchObject({ status: 'closed', outcome: 'declined' });
    expect(requestOf(declined, 'l1')).toMatchObject({ status: 'waiting', detachedFrom: REQUEST });
    expect(declined.events.at(-1)?.lessons.map(({ reason }) => reason)).toEqual(['too-late-to-return', undefined, undefined, undefined]);
  });

  it('lessons that break a rule are listed with reasons and left out by consent', () => {
    const shortened = { ...world, contracts: [{ start: 0, end: O + 2 * WEEK + DAY }] };
    const refused = play(scene, shortened, [NOW, askSeries(MONDAY, [], asker)]);
    expect(refused.refusal).toMatchObject({
      code: 'lessons-break-rules',
      lessons: [{ lessonId: 'l3', codes: ['beyond-contract-end'] }, { lessonId: 'l4', codes: ['beyond-contract-end'] }],
    });
    const left = play(scene, shortened, [NOW, askSeries(MONDAY, ['l3', 'l4'], asker)]);
    expect(left.scene.lessons.map(({ status }) => status)).toEqual(['offered', 'offered', 'scheduled', 'scheduled']);
    expect(outcome(play(scene, shortened, [NOW, askSeries(MONDAY, ['l2', 'l3', 'l4'], asker)]))).toBe('series-too-small');
    expect(outcome(play(scene, shortened, [NOW, askSeries(MONDAY, ['l9'], asker)]))).toBe('unknown-lesson-left-out');
  });

  it('approval is atomic over what remains: a broken rule is a conflict with the list, to be tried again without those', () => {
    const shortened = { ...world, contracts: [{ start: 0, end: O + 3 * WEEK }] };
    const by = answers[0] ?? teacher;
    const refused = play(open.scene, shortened, [NOW, approve(by)]);
    expect(refused.refusal).toMatchObject({ code: 'lessons-break-rules', lessons: [{ lessonId: 'l4' }] });
    expect(refused.scene.lessons.every(({ status }) => status === 'offered')).toBe(true);
    expect(outcome(play(open.scene, shortened, [NOW, approve(by, 1, ['l3', 'l4'])]))).toBe('exclusion-not-needed');
    const tried = play(open.scene, shortened, [NOW, approve(by, 1, ['l4'])], ...answers.slice(1).map((one) => [NOW, approve(one)] as const));
    expect(tried.scene.lessons.map(({ status }) => status)).toEqual(['scheduled', 'scheduled', 'scheduled', 'scheduled']);
    expect(byId(tried, 'l4').start).toBe(byId(open, 'l4').start);
    expect(byId(tried, 'l3').wall).toBe('2026-12-14T10:00');
  });

  it('a counter carries its first time over to all', () => {
    const by = answers[0] ?? teacher;
    const countered = play(open.scene, world, [NOW, counter(by, MONDAY + DAY)]);
    expect(countered.scene.requests[0]?.offers[1]?.items.map(({ wall }) => wall)).toEqual([
      '2026-12-01T10:00', '2026-12-08T10:00', '2026-12-15T10:00', '2026-12-22T10:00',
    ]);
  });

  it('a counter that was meant for a lesson which is detached by now moves no other by its weeks', () => {
    const by = answers[0] ?? teacher;
    const once = play(open.scene, world, [MONDAY, tick]);
    const stale = play(once.scene, world, [MONDAY, counter(by, MONDAY + DAY)]);
    expect(stale.refusal).toMatchObject({ code: 'lesson-not-offered', requestId: REQUEST, offer: 1 });
    // Detached by the very command that would counter it.
    expect(outcome(play(open.scene, world, [MONDAY, counter(by, MONDAY + DAY)]))).toBe('lesson-not-offered');
    expect(outcome(play(once.scene, world, [MONDAY, counter(by, MONDAY + DAY, 1, [], 'l1')]))).toBe('lesson-not-offered');
    const named = play(once.scene, world, [MONDAY, counter(by, MONDAY + WEEK + DAY, 1, [], 'l2')]);
    expect(named.scene.requests[0]?.offers[1]?.items.map(({ wall }) => wall)).toEqual(['2026-12-08T10:00', '2026-12-15T10:00', '2026-12-22T10:00']);
    // Of the new offer l2 is the first.
    expect(outcome(play(named.scene, world, [MONDAY, counter(asker, MONDAY + WEEK + 2 * DAY, 2)]))).toBe('accepted');
    // The others follow the lesson that is named, whichever it is.
    expect(play(open.scene, world, [NOW, counter(by, MONDAY + 2 * WEEK + DAY, 1, [], 'l3')]).scene.requests[0]?.offers[1]?.items.map(({ wall }) => wall)).toEqual([
      '2026-12-01T10:00', '2026-12-08T10:00', '2026-12-15T10:00', '2026-12-22T10:00',
    ]);
  });

  it('moves by a week onto its own slots, and back', () => {
    const forth = approveAll(play(scene, world, [NOW, askSeries(O + WEEK, [], asker)]), NOW);
    expect(forth.scene.lessons.map(({ start }) => start)).toEqual(series(5).slice(1).map(({ start }) => start));
    expect(new Set(claimsOf(forth.scene, world).map(({ participantId, start }) => `${participantId} ${start}`)).size)
      .toBe(claimsOf(forth.scene, world).length);
  });
});

describe('a series moved by a week to earlier', () => {
  const lessons = series(3, O + WEEK);
  const [one, two] = [lessons[0] as Lesson, lessons[1] as Lesson];
  const scene = sceneOf(...lessons);
  const world = facts();
  const open = play(scene, world, [NOW, ask(student, O, { scope: 'series' })]);
  const detached = play(open.scene, world, [O - 10 * MINUTE, tick]);

  it("the detached lesson's old slot is held by the offer to the next: restoring has a code of its own", () => {
    expect(byId(detached, 'l1')).toMatchObject({ status: 'awaiting', holdsOriginal: false });
    const thread = byId(detached, 'l1').requestId as string;
    expect(outcome(play(detached.scene, world, [O, restore(student, thread)]))).toBe('original-slot-held');
    // A proposal that is declined cannot bring it back either, as long as the slot is held.
    const declined = play(detached.scene, world, [O, propose(student, O + 3 * DAY, thread)], [O, { ...decline(teacher), requestId: thread } as Command]);
    expect(byId(declined, 'l1')).toMatchObject({ status: 'awaiting' });
    expect(declined.events.at(-1)?.lessons[0]?.reason).toBe('original-slot-held');
  });
  it.each([['declined', decline(teacher)], ['countered away', counter(teacher, O + 3 * DAY, 1, [], 'l2')]])(
    'once the hold has ended, %s, it can be restored',
    (_how, ended) => {
      const thread = byId(detached, 'l1').requestId as string;
      const free = play(detached.scene, world, [O, ended], [O, restore(student, thread)]);
      expect(outcome(free)).toBe('accepted');
      expect(byId(free, 'l1')).toMatchObject({ status: 'scheduled', start: one.start });
      expect(byId(free, 'l2').start).toBe(two.start);
    },
  );
  it('a lesson left out stands in the way of the one that would take its place', () => {
    const out = play(scene, world, [NOW, ask(student, O, { scope: 'series', without: ['l2'] })]);
    expect(out.refusal).toMatchObject({ code: 'lessons-break-rules', lessons: [{ lessonId: 'l3', codes: ['teacher-busy', 'student-busy'] }] });
    const plan = planMove(lessons, one, { wall: wallAt(O, ZONE) }, world);
    const broken = { ...world, busy: [{ participantId: 'tom', lessonId: 'x', start: one.start, end: one.start + HOUR }] };
    expect(suggestedExclusions(plan, scene, NOW, broken).map(({ lessonId }) => lessonId)).toEqual(['l2', 'l3']);
  });
});

describe('what is regular', () => {
  it('same weekday and nominal time from the chosen one on, a lesson that a gap moved too', () => {
    const chosen = lesson({ id: 'a', wall: '2026-03-22T02:30', start: parseInstant('2026-03-22T01:30:00Z') });
    const inGap = lesson({ id: 'b', wall: '2026-03-29T02:30', start: parseInstant('2026-03-29T01:30:00Z') });
    const others = [
      lesson({ id: 'before', wall: '2026-03-15T02:30' }), lesson({ id: 'otherDay', wall: '2026-03-30T02:30' }),
      lesson({ id: 'otherTime', wall: '2026-03-29T03:30' }), lesson({ id: 'moved', wall: '2026-04-05T02:30', status: 'offered' }),
      lesson({ id: 'otherPackage', wall: '2026-04-05T02:30', packageId: 'p2' }),
    ];
    expect(regularFrom(chosen, [inGap, ...others, chosen]).map(({ id }) => id)).toEqual(['a', 'b']);
  });
});
