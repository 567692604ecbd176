import type { CommandOf } from './commands.ts';
import { threadOf } from './endings.ts';
import { LIMIT_WARNING_LEAD_MS } from './next-action.ts';
import { breaksOfPlan, planMove } from './plan.ts';
import { refuse, type Refusal, type RefusalCode } from './refusals.ts';
import { limitOf, type Actor } from './state.ts';
import { SETTLED, SYSTEM, type Work } from './work.ts';

/** A lapsed lesson is the school manager's: set a time, extend the limit, or cancel (lessons/lifecycle.ts). */

/** A lapsed lesson may go beyond its package, and back to its own time while that is ahead. */
const DECIDED_BY_MANAGER: readonly RefusalCode[] = ['beyond-package-limit', 'offer-same-time'];

/** The manager may go beyond package and reserve weeks; past, contract and double booking still count. */
export function setTime(work: Work, command: CommandOf<'set-time'>): Refusal | undefined {
  const lesson = work.lesson(command.lessonId);
  const refused = decidesOn(command.by, lesson.status);
  if (refused !== undefined) return refused;
  const [item] = planMove([lesson], lesson, command.to, work.facts);
  if (item === undefined) throw new Error('a plan of one lesson has one item');
  const breaks = breaksOfPlan([item], work.scene(), work.now, work.facts);
  const code = breaks[0]?.codes.find((one) => !DECIDED_BY_MANAGER.includes(one));
  if (code !== undefined) return refuse(code, { lessons: breaks });
  const end = item.start + lesson.minutes * 60_000;
  work.step(lesson.id, 'set', {
    ...SETTLED, start: item.start, wall: item.wall, pass: item.pass, tzVersion: work.facts.tzVersion, keepsInstant: false,
    // Or a later move of it would lapse before the time that the manager gave it.
    extendedLimit: Math.max(end, lesson.extendedLimit ?? work.facts.limit),
  });
  work.emit({
    type: 'lesson.set', by: command.by, lessons: [{ lessonId: lesson.id, oldStart: lesson.start, newStart: item.start }],
  });
  return undefined;
}

/** Both sides get time to agree again, in a new thread. */
export function extendLimit(work: Work, command: CommandOf<'extend-limit'>): Refusal | undefined {
  const lesson = work.lesson(command.lessonId);
  const refused = decidesOn(command.by, lesson.status);
  if (refused !== undefined) return refused;
  if (command.limit <= work.now || command.limit <= limitOf(lesson, work.facts)) return refuse('beyond-extended-limit');
  // Or it would lapse at once. A teacher between two contracts is no obstacle: the times that are offered must lie in one.
  if (limitOf({ ...lesson, extendedLimit: command.limit }, work.facts) <= work.now) return refuse('beyond-contract-end');
  const extended = work.step(lesson.id, 'extend', {
    ...SETTLED, requestId: command.requestId, extendedLimit: command.limit, awaitingSince: work.now, unfinishedToldAt: work.now,
  });
  if (work.now >= limitOf(extended, work.facts) - LIMIT_WARNING_LEAD_MS) work.note(lesson.id, { limitWarnedAt: work.now });
  work.addRequest(threadOf(command.requestId, lesson.packageId, SYSTEM));
  work.emit({
    type: 'lesson.limit-extended', by: command.by, requestId: command.requestId,
    lessons: [{ lessonId: lesson.id, oldStart: lesson.start }],
  });
  return undefined;
}

function decidesOn(by: Actor, status: string): Refusal | undefined {
  if (by.role !== 'manager') return refuse('role-may-not-decide');
  return status === 'lapsed' ? undefined : refuse('lesson-not-lapsed');
}
