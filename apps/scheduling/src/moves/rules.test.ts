import { describe, expect, it } from 'vitest';
import {
  approve, ask, at, counter, DAY, decline, facts, first, HOUR, lesson, LIMIT, MINUTE, O, outcome, partner, play, propose, restore,
  sceneOf, student, teacher, tick, types, withdraw,
} from '../../test/scene.ts';
import { PACKAGE_KINDS } from '../packages/kinds.ts';
import type { Actor } from './state.ts';

const scene = sceneOf(lesson());
const LATER = O + 2 * DAY;
const EARLIER = O - 20 * HOUR;

describe.each(PACKAGE_KINDS.filter((kind) => kind !== 'group'))('%s: every rule at its border', (kind) => {
  const world = facts({ kind });
  describe.each([teacher, student, partner])('asked by the $role', (asker: Actor) => {
    const answerer = asker.role === 'teacher' ? student : teacher;
    const asked = (now: number, newStart: number) => play(scene, world, [now, ask(asker, newStart)]);

    it('1: refuses a start that is past, too near or the same', () => {
      expect(outcome(asked(EARLIER + 1, EARLIER))).toBe('offer-in-past');
      expect(outcome(asked(EARLIER, EARLIER))).toBe('offer-in-past');
      expect(outcome(asked(EARLIER - 1, EARLIER))).toBe('offer-too-near');
      expect(outcome(asked(EARLIER - 10 * MINUTE, EARLIER))).toBe('offer-too-near');
      expect(outcome(asked(EARLIER - 10 * MINUTE - 1, EARLIER))).toBe('accepted');
      expect(outcome(asked(O - DAY, O))).toBe('offer-same-time');
      expect(outcome(asked(O - DAY, O + MINUTE))).toBe('accepted');
      expect(outcome(asked(O - DAY, O - MINUTE))).toBe('accepted');
    });

    it('2: the lesson ends by the end of package and reserve weeks', () => {
      const within = lesson({ minutes: 60 });
      const asks = (newStart: number) => outcome(play(sceneOf(within), world, [O - DAY, ask(asker, newStart)]));
      expect(asks(LIMIT - HOUR)).toBe('accepted');
      expect(asks(LIMIT - HOUR + MINUTE)).toBe('beyond-package-limit');
    });

    it("3: the lesson ends by the end of the teacher's contract", () => {
      const end = O + 5 * DAY;
      const asks = (contracts: { start: number; end: number }[], newStart: number) =>
        outcome(play(scene, facts({ kind, contracts }), [O - DAY, ask(asker, newStart)]));
      expect(asks([{ start: 0, end }], end - HOUR)).toBe('accepted');
      expect(asks([{ start: 0, end: end - 1 }], end - HOUR)).toBe('beyond-contract-end');
      expect(asks([{ start: 0, end: O }, { start: O + 3 * DAY, end }], O + 2 * DAY)).toBe('outside-contract');
      expect(asks([], end - HOUR)).toBe('beyond-contract-end');
    });

    it('2 and 3 are asked again at counter and approval', () => {
      const shortened = facts({ kind, contracts: [{ start: 0, end: LATER }] });
      const open = asked(O - DAY, LATER).scene;
      expect(outcome(play(open, shortened, [O - DAY, approve(answerer)]))).toBe('beyond-contract-end');
      expect(outcome(play(open, shortened, [O - DAY, counter(answerer, LATER + HOUR)]))).toBe('beyond-contract-end');
      expect(outcome(play(open, facts({ kind, limit: LATER }), [O - DAY, approve(answerer)]))).toBe('beyond-package-limit');
      expect(outcome(play(open, shortened, [O - DAY, counter(answerer, LATER - HOUR)]))).toBe('accepted');
    });

    it('4: asks until ten minutes before the old start, that instant included', () => {
      expect(outcome(asked(O - 10 * MINUTE, LATER))).toBe('accepted');
      expect(outcome(asked(O - 10 * MINUTE + 1, LATER))).toBe('too-late-to-ask');
      expect(outcome(asked(O, LATER))).toBe('too-late-to-ask');
      expect(outcome(asked(O + 30 * MINUTE, LATER))).toBe('too-late-to-ask');
      expect(outcome(asked(O + HOUR, LATER))).toBe('lesson-not-scheduled');
    });

    it('5: later: reminded an hour before the old start, declined ten minutes before the new one', () => {
      const open = asked(O - DAY, LATER).scene;
      expect(first(asked(O - DAY, LATER)).next).toEqual({ at: O - HOUR, kind: 'remind' });
      expect(types(play(open, world, [O - HOUR - 1, tick]))).toEqual([]);
      const reminded = play(open, world, [O - HOUR, tick]);
      expect(types(reminded)).toEqual(['move.reminded']);
      expect(first(reminded).next).toEqual({ at: LATER - 10 * MINUTE, kind: 'expire' });
      expect(types(play(reminded.scene, world, [LATER - 10 * MINUTE - 1, tick]))).toEqual([]);
      const expired = play(reminded.scene, world, [LATER - 10 * MINUTE, tick]);
      expect(types(expired)).toEqual(['move.expired']);
      expect(first(expired)).toMatchObject({ status: 'awaiting', start: O, next: { kind: 'follow-up' } });
    });

    it('5: asked within the last hour, the reminder is part of the notice', () => {
      const open = asked(O - HOUR, LATER);
      expect(open.events[0]).toMatchObject({ type: 'move.requested', reminderIncluded: true });
      expect(first(open).next).toEqual({ at: LATER - 10 * MINUTE, kind: 'expire' });
      expect(asked(O - HOUR - 1, LATER).events[0]?.reminderIncluded).toBeUndefined();
    });

    it('6: earlier: declined ten minutes before the new start, told again ten minutes before the old one', () => {
      const open = asked(EARLIER - DAY, EARLIER).scene;
      const expired = play(open, world, [EARLIER - 10 * MINUTE, tick]);
      expect(types(expired)).toEqual(['move.expired']);
      expect(first(expired)).toMatchObject({ status: 'awaiting', holdsOriginal: true, next: { at: O - 10 * MINUTE, kind: 'unfinished' } });
      expect(types(play(expired.scene, world, [O - 10 * MINUTE - 1, tick]))).toEqual([]);
      const told = play(expired.scene, world, [O - 10 * MINUTE, tick]);
      expect(types(told)).toEqual(['move.unfinished']);
      expect(first(told)).toMatchObject({ status: 'awaiting', holdsOriginal: false, next: { kind: 'follow-up' } });
    });

    it('an answer counts before the deadline and not at it', () => {
      const open = asked(O - DAY, LATER).scene;
      for (const answer of [approve(answerer), decline(answerer), counter(answerer, LATER + DAY), withdraw(asker)]) {
        expect(outcome(play(open, world, [LATER - 10 * MINUTE - 1, answer]))).toBe('accepted');
        const late = play(open, world, [LATER - 10 * MINUTE, answer]);
        expect(outcome(late)).toBe('offer-expired');
        expect(types(late)).toEqual(['move.expired']);
        expect(first(late).status).toBe('awaiting');
      }
    });

    it('8: declined or withdrawn before the old start it goes back, from that instant on it cannot', () => {
      const open = asked(O - DAY, LATER).scene;
      for (const answer of [decline(answerer), withdraw(asker)]) {
        const back = play(open, world, [O - 1, answer]);
        expect(first(back)).toMatchObject({ status: 'scheduled', start: O, requestId: undefined });
        expect(back.scene.requests[0]).toMatchObject({ status: 'closed' });
        const stuck = play(open, world, [O, answer]);
        expect(first(stuck)).toMatchObject({ status: 'awaiting', next: { kind: 'follow-up' } });
        expect(stuck.scene.requests[0]).toMatchObject({ status: 'waiting' });
        expect(stuck.events.at(-1)?.lessons[0]).toMatchObject({ reason: 'too-late-to-return', status: 'awaiting' });
      }
    });

    it('restore: either side alone, until ten minutes before the old start', () => {
      const waiting = play(scene, world, [EARLIER - DAY, ask(asker, EARLIER)], [EARLIER - 10 * MINUTE, tick]).scene;
      for (const one of [teacher, student, partner]) {
        const back = play(waiting, world, [O - 10 * MINUTE - 1, restore(one)]);
        expect(types(back)).toEqual(['lesson.restored']);
        expect(first(back)).toMatchObject({ status: 'scheduled', start: O });
        expect(outcome(play(waiting, world, [O - 10 * MINUTE, restore(one)]))).toBe('restore-too-late');
      }
    });

    it('9: follow-ups daily from the beginning, a warning a week before the limit, then the manager', () => {
      const waiting = play(scene, world, [O - DAY, ask(asker, LATER)], [LATER - 10 * MINUTE, tick]);
      const since = LATER - 10 * MINUTE;
      expect(first(waiting).next).toEqual({ at: since + DAY, kind: 'follow-up' });
      const followed = play(waiting.scene, world, [since + DAY - 1, tick], [since + DAY, tick]);
      expect(types(followed)).toEqual(['lesson.followed-up']);
      expect(first(followed).next).toEqual({ at: since + 2 * DAY, kind: 'follow-up' });
      const warned = play(followed.scene, world, [LIMIT - 7 * DAY, tick]);
      expect(types(warned)).toEqual(['lesson.limit-neared']);
      expect(types(play(warned.scene, world, [LIMIT - 1, tick]))).toEqual(['lesson.followed-up']);
      const lapsed = play(warned.scene, world, [LIMIT, tick]);
      expect(types(lapsed)).toEqual(['lesson.lapsed']);
      expect(first(lapsed)).toMatchObject({ status: 'lapsed', next: { at: LIMIT + DAY, kind: 'ask-manager' } });
      expect(lapsed.scene.requests[0]).toMatchObject({ status: 'closed', outcome: 'lapsed' });
      expect(types(play(lapsed.scene, world, [LIMIT + DAY, tick]))).toEqual(['lesson.manager-asked']);
    });

    it('propose: a new time in the same thread, by either side, any time before the limit', () => {
      const waiting = play(scene, world, [O - DAY, ask(asker, LATER)], [LATER - 10 * MINUTE, tick]).scene;
      for (const one of [teacher, student, partner]) {
        const proposed = play(waiting, world, [LIMIT - DAY, propose(one, LIMIT - HOUR)]);
        expect(types(proposed).at(-1)).toBe('move.proposed');
        expect(proposed.scene.requests).toHaveLength(1);
        expect(first(proposed)).toMatchObject({ status: 'offered', next: { at: LIMIT - HOUR - 10 * MINUTE, kind: 'expire' } });
      }
      expect(outcome(play(waiting, world, [LIMIT - DAY, propose(teacher, LIMIT - HOUR + MINUTE)]))).toBe('beyond-package-limit');
      expect(outcome(play(waiting, world, [LIMIT, propose(teacher, LIMIT + DAY)]))).toBe('request-closed');
    });
  });
});

describe('what else an offered time must respect', () => {
  it("working hours, days off, and everybody's other lessons", () => {
    const asked = (world: Parameters<typeof facts>[0], newStart = LATER) =>
      outcome(play(scene, facts(world), [O - DAY, ask(teacher, newStart)]));
    expect(asked({ unavailable: () => 'outside-working-hours' })).toBe('outside-working-hours');
    expect(asked({ unavailable: () => 'teacher-day-off' })).toBe('teacher-day-off');
    const busy = (participantId: string, start: number, end: number) => ({ busy: [{ participantId, lessonId: 'x', start, end }] });
    expect(asked(busy('tom', LATER - HOUR, LATER))).toBe('accepted');
    expect(asked(busy('tom', LATER - HOUR, LATER + 1))).toBe('teacher-busy');
    expect(asked(busy('anna', LATER + HOUR, LATER + DAY))).toBe('accepted');
    expect(asked(busy('anna', LATER + HOUR - 1, LATER + DAY))).toBe('student-busy');
  });
  it('a lesson never stands in its own way', () => {
    expect(outcome(play(scene, facts(), [O - DAY, ask(teacher, O + 30 * MINUTE)], [O - DAY, approve(student)]))).toBe('accepted');
  });
  it('takes the time that was offered, over a clock change too', () => {
    const repeated = { ...ask(teacher, O), to: { wall: '2027-10-31T02:30', pass: 'second' } } as ReturnType<typeof ask>;
    const world = facts({ limit: O + 1000 * DAY, contracts: [{ start: 0, end: O + 1000 * DAY }] });
    const moved = play(scene, world, [O - DAY, repeated], [O - DAY, approve(student)]);
    expect(first(moved)).toMatchObject({ wall: '2027-10-31T02:30', pass: 'second', start: Date.UTC(2027, 9, 31, 1, 30) });
    expect(at(Date.UTC(2027, 9, 31, 1, 30))).toEqual({ wall: '2027-10-31T02:30', pass: 'second' });
  });
});

describe('releases of the time-zone database', () => {
  const old = sceneOf(lesson({ tzVersion: '2026a' }));
  const oldWorld = facts({ tzVersion: '2026a' });
  it('an approval leaves the release that the offer was derived with: the job of the present one judges it', () => {
    const approved = play(play(old, oldWorld, [O - DAY, ask(student, LATER)]).scene, facts(), [O - DAY, approve(teacher)]);
    expect(first(approved)).toMatchObject({ status: 'scheduled', start: LATER, tzVersion: '2026a' });
  });
  it('a lesson and its offer by two releases are of none', () => {
    for (const [from, world] of [[old, facts()], [scene, oldWorld]] as const) {
      expect(first(play(from, world, [O - DAY, ask(student, LATER)], [O - DAY, approve(teacher)])).tzVersion).toBe('several');
    }
    expect(first(play(old, oldWorld, [O - DAY, ask(student, LATER)])).tzVersion).toBe('2026a');
  });
});
