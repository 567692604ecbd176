import fc from 'fast-check';
import { passAt, wallAt } from '@schoolbell/time/zones';
import type { Command, NewTime } from '../src/moves/commands.ts';
import { openOffer, type Actor, type Facts } from '../src/moves/state.ts';
import { DAY, HOUR, manager, MINUTE, system } from './scene.ts';
import type { World } from './world.ts';

/** Random people acting at random moments, deadlines and their neighbours above all: numbers that a world gives a meaning. */
// Without bias: small numbers would pick the same person and lesson again and again.
const nat = fc.noBias(fc.nat(1_000_000));
export const step = fc.record({ what: nat, who: nat, which: nat, time: nat, pause: nat, sleeps: fc.noBias(fc.nat(9)), upheaval: nat });
export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const peopleOf = ({ teacherId, seats }: Facts): Actor[] => [
  { id: teacherId, role: 'teacher' }, { id: teacherId, role: 'teacher' }, ...seats.map(({ studentId }): Actor => ({ id: studentId, role: 'student' })),
  ...seats.map(({ partnerId }): Actor => ({ id: partnerId, role: 'partner' })),
];
const pick = <T>(list: readonly T[], by: number): T => list[by % list.length] as T;

/** What a step means in a world; undefined when it means nothing there. */
export function commandOf({ what, who, which, time }: Step, world: World, now: number, id: string): Command | undefined {
  const all = [...world.lessons.values()];
  const open = all.filter(({ requestId }) => requestId !== undefined);
  const chosen = pick(open.length > 0 && what % 5 !== 0 ? open : all, which);
  const world1 = world.packages.get(chosen.packageId) as Facts;
  const people = peopleOf(world1);
  const by = pick(who % 10 === 0 ? [manager, system] : people, who);
  const request = world.requests.get(chosen.requestId ?? '');
  const requestId = request?.id ?? '';
  const offer = openOffer(request)?.number ?? 1;
  // Near the old start, or anywhere in the next weeks on whole five minutes, or in the slot of a sibling.
  const around = time % 3 === 0 ? chosen.start : now;
  const anywhere = Math.round((around + ((time % 2000) - 300) * 15 * MINUTE) / (5 * MINUTE)) * 5 * MINUTE;
  const start = time % 4 === 1 ? chosen.start + (time % 8 === 1 ? -7 : 7) * DAY : anywhere;
  const to: NewTime = { wall: wallAt(start, chosen.zone), pass: passAt(start, chosen.zone) };
  const without = which % 7 === 0 ? [pick([...world.lessons.values()], time).id] : [];
  const commands: Command[] = [
    ...(request === undefined || what % 13 === 0 ? [
      { type: 'request', requestId: id, scope: 'lesson', lessonId: chosen.id, to, without: [], by },
      { type: 'request', requestId: id, scope: 'series', lessonId: chosen.id, to, without, by },
    ] satisfies Command[] : []),
    ...(request === undefined ? [] : [
      { type: 'approve', requestId, offer, without, by }, { type: 'approve', requestId, offer, without: [], by },
      { type: 'counter', requestId, offer, to, without, by, ...(which % 3 === 0 ? { ofLesson: chosen.id } : {}) }, { type: 'decline', requestId, offer, by },
      { type: 'withdraw', requestId, by }, { type: 'restore', requestId, by }, { type: 'propose', requestId, to, by },
      { type: 'close', requestId, reason: 'teacher-replaced', by },
    ] satisfies Command[]),
    ...(what % 11 === 0 ? [{ type: 'cancel', lessonId: chosen.id, reason: 'ill', by } satisfies Command] : []),
    ...(what % 9 === 0 || chosen.status === 'missed' ? [
      which % 3 === 0 ? { type: 'report', lessonId: chosen.id, outcome: 'held', by }
        : { type: 'report', lessonId: chosen.id, outcome: 'missed', absent: [pick(people, time).id], by },
    ] satisfies Command[] : []),
    ...(chosen.status === 'lapsed' ? [
      { type: 'set-time', lessonId: chosen.id, to, by }, { type: 'extend-limit', lessonId: chosen.id, limit: now + 20 * DAY, requestId: id, by },
    ] satisfies Command[] : []),
  ];
  return pick(commands, what);
}

/** Usually to just before, at or just after the next deadline. */
export function advance({ pause, which }: Step, world: World, now: number): number {
  const ahead = [...world.lessons.values()].flatMap(({ next }) => (next === undefined ? [] : [next.at]));
  const near = ahead.toSorted((one, other) => one - other)[which % 3];
  if (pause % 2 === 0) return now + (pause % HOUR);
  if (near === undefined || pause % 5 === 0) return now + (pause % (2 * DAY));
  return Math.max(now, near + (pause % 3) - 1);
}

