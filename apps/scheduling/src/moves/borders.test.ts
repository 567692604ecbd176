import { describe, expect, it } from 'vitest';
import {
  approve, ask, counter, DAY, decline, facts, groupFacts, HOUR, LIMIT, MINUTE, O, outcome, partner, petra, play, propose, REQUEST, restore, sceneOf,
  series, student, teacher, tick, types, withdraw,
} from '../../test/scene.ts';
import { mayMove, PACKAGE_KINDS, type PackageKind, type Scope } from '../packages/kinds.ts';
import type { Decision } from './decide.ts';
import type { Actor, Facts, Lesson } from './state.ts';

/**
 * Every rule at its border, a millisecond on each side, for each kind of package, each role that may ask, one lesson and a
 * series, to earlier and to later. rules.test.ts has the same for one student in more words.
 */
const roles = { teacher, student, partner } as const;
const cases = PACKAGE_KINDS.flatMap((kind) => (['teacher', 'student', 'partner'] as const).flatMap((role) =>
  (['lesson', 'series'] as const).filter((scope) => mayMove(kind, role, scope)).flatMap((scope) =>
    (['earlier', 'later'] as const).map((direction) => [kind, role, scope, direction] as const))));
const COUNT = 3;
/** A series moved by whole days keeps its lessons apart. */
const EARLIER = O - 2 * DAY;
const LATER = O + 2 * DAY;

const worldOf = (kind: PackageKind, changes: Partial<Facts> = {}): Facts => (kind === 'group' ? groupFacts(changes) : facts({ kind, ...changes }));
/** Everybody whose voice is missing when this role has asked, each speaking for all their seats. */
function answerers(kind: PackageKind, asker: Actor): Actor[] {
  if (kind !== 'group') return asker === teacher ? [student] : [teacher];
  if (asker === teacher) return [partner, petra];
  return asker === partner ? [teacher, petra] : [teacher, { id: 'bob', role: 'student' }, petra];
}
const l1 = ({ scene }: Decision): Lesson => scene.lessons.find(({ id }) => id === 'l1') as Lesson;

it('covers every permitted move: 12 of a lesson and 5 of a series, in both directions', () => {
  const count = (scope: Scope) => cases.filter((one) => one[2] === scope).length;
  expect([count('lesson'), count('series')]).toEqual([24, 10]);
});

describe.each(cases)('%s, asked by the %s, %s, to %s', (kind, role, scope, direction) => {
  const world = worldOf(kind);
  const asker = roles[role];
  const others = answerers(kind, asker);
  const scene = sceneOf(...series(COUNT));
  const N = direction === 'earlier' ? EARLIER : LATER;
  const DEADLINE = N - 10 * MINUTE;
  const ASKED = EARLIER - DAY;
  const asked = (now: number, to = N, facing = world) => play(scene, facing, [now, ask(asker, to, { scope })]);
  const open = asked(ASKED).scene;
  const codeOf = (decision: Decision): string => {
    const refusal = decision.refusal;
    return refusal?.code === 'lessons-break-rules' ? `${refusal.lessons?.[0]?.lessonId} ${refusal.lessons?.[0]?.codes[0]}` : outcome(decision);
  };
  const first = (code: string): string => (scope === 'series' ? `l1 ${code}` : code);
  const agree = (now: number) => others.map((by) => [now, approve(by)] as const);

  it('1: not past, not at once expiring, not the same', () => {
    expect(codeOf(asked(N, N))).toBe(direction === 'later' ? 'lesson-not-scheduled' : first('offer-in-past'));
    if (direction === 'earlier') {
      expect(codeOf(asked(N - 1, N))).toBe(first('offer-too-near'));
      expect(codeOf(asked(DEADLINE, N))).toBe(first('offer-too-near'));
      expect(codeOf(asked(DEADLINE - 1, N))).toBe('accepted');
    }
    expect(codeOf(asked(ASKED, O))).toBe(first('offer-same-time'));
  });

  it('2 and 3: the end of the lesson and the limits, at request, counter and approval', () => {
    const last = N + (scope === 'series' ? (COUNT - 1) * 7 * DAY : 0) + HOUR;
    const bound = (limit: number, contract: number) => worldOf(kind, { limit, contracts: [{ start: 0, end: contract }] });
    const own = scope === 'series' ? `l${COUNT} ` : '';
    expect(codeOf(asked(ASKED, N, bound(last, LIMIT)))).toBe('accepted');
    expect(codeOf(asked(ASKED, N, bound(last - 1, LIMIT)))).toBe(`${own}beyond-package-limit`);
    expect(codeOf(asked(ASKED, N, bound(LIMIT, last)))).toBe('accepted');
    expect(codeOf(asked(ASKED, N, bound(LIMIT, last - 1)))).toBe(`${own}beyond-contract-end`);
    const by = others[0] as Actor;
    expect(codeOf(play(open, bound(last - 1, LIMIT), [ASKED, approve(by)]))).toBe(`${own}beyond-package-limit`);
    expect(codeOf(play(open, bound(LIMIT, last - 1), [ASKED, approve(by)]))).toBe(`${own}beyond-contract-end`);
    const countering = others.find((one) => mayMove(kind, one.role as 'teacher', scope)) as Actor;
    expect(codeOf(play(open, bound(last - HOUR, LIMIT), [ASKED, counter(countering, N - HOUR)]))).toBe('accepted');
    expect(codeOf(play(open, bound(last - HOUR - 1, LIMIT), [ASKED, counter(countering, N - HOUR)]))).toBe(`${own}beyond-package-limit`);
  });

  it('4: asked until ten minutes before the old start, that instant included', () => {
    expect(codeOf(asked(O - 10 * MINUTE, LATER))).toBe('accepted');
    expect(codeOf(asked(O - 10 * MINUTE + 1, LATER))).toBe('too-late-to-ask');
  });

  it('everybody who must agree has agreed: bound a millisecond before the deadline, not at it', () => {
    const bound = play(open, world, ...agree(DEADLINE - 1));
    expect(bound.scene.lessons.filter(({ id }) => scope === 'series' || id === 'l1').every(({ status }) => status === 'scheduled')).toBe(true);
    expect(l1(bound)).toMatchObject({ start: N, status: 'scheduled' });
    const late = play(open, world, [DEADLINE, approve(others[0] as Actor)]);
    expect(l1(late)).toMatchObject({ status: 'awaiting', start: O });
  });

  it('5 and 6: declined by the system ten minutes before the new start; 7: in a series detached alone', () => {
    expect(types(play(open, world, [DEADLINE - 1, tick])).filter((type) => type !== 'move.reminded')).toEqual([]);
    const expired = play(open, world, [DEADLINE, tick]);
    // A reminder that nobody was sent in time is part of this notice.
    expect(types(expired)).toEqual([scope === 'series' ? 'lesson.detached' : 'move.expired']);
    expect(l1(expired)).toMatchObject({ status: 'awaiting', start: O });
    expect(expired.scene.lessons.filter(({ status }) => status === 'offered')).toHaveLength(scope === 'series' ? COUNT - 1 : 0);
  });

  it('5: later: reminded an hour before the old start; 6: earlier: told again ten minutes before it', () => {
    const at = direction === 'later' ? O - HOUR : O - 10 * MINUTE;
    const before = play(open, world, [at - 1, tick]);
    const then = play(before.scene, world, [at, tick]);
    expect(types(before).filter((type) => ['move.reminded', 'move.unfinished'].includes(type))).toEqual([]);
    expect(then.events.filter(({ lessons }) => lessons[0]?.lessonId === 'l1').map(({ type }) => type))
      .toEqual([direction === 'later' ? 'move.reminded' : 'move.unfinished']);
  });

  it('8: declined or withdrawn, back before the old start and stuck from it on', () => {
    if (direction === 'earlier') return expect(l1(play(open, world, [DEADLINE - 1, decline(others[0] as Actor)])).status).toBe('scheduled');
    for (const ended of [decline(others[0] as Actor), withdraw(asker)]) {
      expect(l1(play(open, world, [O - 1, ended]))).toMatchObject({ status: 'scheduled', start: O });
      expect(l1(play(open, world, [O, ended]))).toMatchObject({ status: 'awaiting', start: O });
    }
  });

  it('9: proposed until the limit, restored until ten minutes before the old start, lapsed at the limit', () => {
    const waiting = play(open, world, [DEADLINE, tick]);
    const thread = l1(waiting).requestId as string;
    expect(thread === REQUEST).toBe(scope === 'lesson');
    expect(outcome(play(waiting.scene, world, [LIMIT - HOUR - 10 * MINUTE - 1, propose(asker, LIMIT - HOUR, thread)]))).toBe('accepted');
    expect(outcome(play(waiting.scene, world, [LIMIT, propose(asker, LIMIT + DAY, thread)]))).toBe('request-closed');
    expect(l1(play(waiting.scene, world, [LIMIT - 1, tick])).status).toBe('awaiting');
    expect(l1(play(waiting.scene, world, [LIMIT, tick])).status).toBe('lapsed');
    if (direction === 'later') return;
    for (const by of [asker, others[0] as Actor]) {
      expect(outcome(play(waiting.scene, world, [O - 10 * MINUTE - 1, restore(by, thread)]))).toBe('accepted');
      expect(outcome(play(waiting.scene, world, [O - 10 * MINUTE, restore(by, thread)]))).toBe('restore-too-late');
    }
  });
});
