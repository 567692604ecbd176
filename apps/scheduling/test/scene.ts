import { parseInstant } from '@schoolbell/time';
import { passAt, resolveWall, timeZoneDatabaseVersion, wallAt } from '@schoolbell/time/zones';
import type { Command, NewTime } from '../src/moves/commands.ts';
import { decide, type Decision } from '../src/moves/decide.ts';
import type { Actor, Facts, Lesson, Scene } from '../src/moves/state.ts';

/** A small world for tests of decisions: one package of Anna (student), Paul (partner) and Tom (teacher) in Berlin. */
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const ZONE = 'Europe/Berlin';
/** Wednesday 25 November 2026, 14:30 in Berlin: the old start of the lesson that tests move. */
export const O = parseInstant('2026-11-25T13:30:00Z');
export const LIMIT = parseInstant('2027-02-28T23:00:00Z');
export const REQUEST = '00000000-0000-4000-8000-000000000001';

export const teacher: Actor = { id: 'tom', role: 'teacher' };
export const student: Actor = { id: 'anna', role: 'student' };
export const partner: Actor = { id: 'paul', role: 'partner' };
export const manager: Actor = { id: 'mia', role: 'manager' };
export const system: Actor = { id: 'system', role: 'system' };
export const stranger: Actor = { id: 'eve', role: 'student' };

export const facts = (changes: Partial<Facts> = {}): Facts => ({
  kind: 'individual',
  packageId: 'p1',
  zone: ZONE,
  limit: LIMIT,
  contracts: [{ start: O - 100 * DAY, end: LIMIT + 100 * DAY }],
  teacherId: teacher.id,
  seats: [{ studentId: student.id, partnerId: partner.id }],
  unavailable: () => undefined,
  busy: [],
  tzVersion: timeZoneDatabaseVersion(),
  ...changes,
});

/** A group of three seats: Anna and Bob of Paul, Carl of Petra. */
export const bob: Actor = { id: 'bob', role: 'student' };
export const carl: Actor = { id: 'carl', role: 'student' };
export const petra: Actor = { id: 'petra', role: 'partner' };
export const groupFacts = (changes: Partial<Facts> = {}): Facts =>
  facts({
    kind: 'group',
    seats: [
      { studentId: 'anna', partnerId: 'paul' },
      { studentId: 'bob', partnerId: 'paul' },
      { studentId: 'carl', partnerId: 'petra' },
    ],
    ...changes,
  });

export const lesson = (changes: Partial<Lesson> = {}): Lesson => {
  const start = changes.start ?? O;
  return {
    id: 'l1', packageId: 'p1', teacherId: teacher.id, status: 'scheduled', version: 1, sequence: 0, start, minutes: 60, wall: wallAt(start, ZONE),
    zone: ZONE, tzVersion: timeZoneDatabaseVersion(), keepsInstant: false, holdsOriginal: false, followUps: 0,
    managerReminders: 0, absences: [], ...changes,
  };
};

/** Weekly lessons l1, l2, … from O on by the wall clock. */
export const series = (count: number, first = O): Lesson[] =>
  Array.from({ length: count }, (_, week) => {
    const wall = wallAt(first + week * 7 * DAY, 'UTC').slice(0, 10) + wallAt(first, ZONE).slice(10);
    return lesson({ id: `l${week + 1}`, start: resolveWall(wall, ZONE).instant, wall });
  });

export const sceneOf = (...lessons: Lesson[]): Scene => ({ requests: [], lessons });
export const at = (start: number): NewTime => ({ wall: wallAt(start, ZONE), pass: passAt(start, ZONE) });

export const ask = (by: Actor, newStart: number, more: Partial<Extract<Command, { type: 'request' }>> = {}): Command => ({
  type: 'request', requestId: REQUEST, scope: 'lesson', lessonId: 'l1', to: at(newStart), without: [], by, ...more,
});
export const approve = (by: Actor, offer = 1, without: string[] = []): Command =>
  ({ type: 'approve', requestId: REQUEST, offer, without, by });
export const decline = (by: Actor, offer = 1): Command => ({ type: 'decline', requestId: REQUEST, offer, by });
export const counter = (by: Actor, newStart: number, offer = 1, without: string[] = [], ofLesson?: string): Command =>
  ({ type: 'counter', requestId: REQUEST, offer, to: at(newStart), without, by, ...(ofLesson === undefined ? {} : { ofLesson }) });
export const withdraw = (by: Actor): Command => ({ type: 'withdraw', requestId: REQUEST, by });
export const restore = (by: Actor, requestId = REQUEST): Command => ({ type: 'restore', requestId, by });
export const propose = (by: Actor, newStart: number, requestId = REQUEST): Command =>
  ({ type: 'propose', requestId, to: at(newStart), by });
export const tick: Command = { type: 'tick' };

/** A story: commands at instants, each met by the scene that the one before left. The last decision counts. */
export function play(scene: Scene, world: Facts, ...steps: readonly (readonly [number, Command])[]): Decision {
  let decision: Decision = { scene, events: [] };
  for (const [now, command] of steps) decision = decide(decision.scene, command, now, world);
  return decision;
}

export const first = ({ scene }: Decision): Lesson => scene.lessons.find(({ id }) => id === 'l1') as Lesson;
export const types = ({ events }: Decision): string[] => events.map(({ type }) => type);
export const outcome = (decision: Decision): string => decision.refusal?.code ?? 'accepted';
