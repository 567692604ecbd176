import { describe, expect, it } from 'vitest';
import {
  ask, DAY, facts, groupFacts, manager, O, outcome, partner, play, sceneOf, series, stranger, student, system, teacher,
} from '../../test/scene.ts';
import { mayMove, PACKAGE_KINDS, type PackageKind, type Scope } from '../packages/kinds.ts';
import type { Actor } from './state.ts';

const NO: readonly Scope[] = [];
const LESSON: readonly Scope[] = ['lesson'];
const BOTH: readonly Scope[] = ['lesson', 'series'];

/** The design's table, written a second time on purpose: a change of one without the other fails. */
const TABLE: Readonly<Record<PackageKind, { teacher: readonly Scope[]; student: readonly Scope[]; partner: readonly Scope[] }>> = {
  trial: { teacher: LESSON, student: LESSON, partner: LESSON },
  assessment: { teacher: LESSON, student: LESSON, partner: LESSON },
  individual: { teacher: BOTH, student: BOTH, partner: BOTH },
  group: { teacher: BOTH, student: LESSON, partner: BOTH },
};

const rows = PACKAGE_KINDS.flatMap((kind) =>
  [teacher, student, partner, manager, stranger, system].flatMap((actor) =>
    BOTH.map((scope) => [kind, actor, scope, scopesOf(kind, actor).includes(scope)] as const)));

function scopesOf(kind: PackageKind, actor: Actor): readonly Scope[] {
  if (actor === teacher) return TABLE[kind].teacher;
  if (actor === student) return TABLE[kind].student;
  return actor === partner ? TABLE[kind].partner : NO;
}

describe('who may ask to move what', () => {
  it.each(rows)('%s, %o, %s: %s', (kind, actor, scope, allowed) => {
    const world = kind === 'group' ? groupFacts() : facts({ kind });
    const answer = outcome(play(sceneOf(...series(3)), world, [O - DAY, ask(actor, O + DAY, { scope })]));
    const isSide = actor === teacher || actor === student || actor === partner;
    expect(answer).toBe(allowed ? 'accepted' : isSide ? 'role-may-not-move' : 'not-a-participant');
    if (isSide) expect(mayMove(kind, actor.role as 'teacher', scope)).toBe(allowed);
  });
  it('a role alone opens nothing: another teacher is a stranger', () => {
    const other: Actor = { id: 'tina', role: 'teacher' };
    expect(outcome(play(sceneOf(...series(1)), facts(), [O - DAY, ask(other, O + DAY)]))).toBe('not-a-participant');
    const pretender: Actor = { id: teacher.id, role: 'student' };
    expect(outcome(play(sceneOf(...series(1)), facts(), [O - DAY, ask(pretender, O + DAY)]))).toBe('not-a-participant');
  });
});
