import type { CommandOf } from '../moves/commands.ts';
import { voicesOfActor } from '../moves/consent.ts';
import { dropItem } from '../moves/endings.ts';
import { canAdvance, LESSON_TABLE } from '../moves/machine.ts';
import { refuse, type Refusal } from '../moves/refusals.ts';
import type { Actor, Facts, Lesson } from '../moves/state.ts';
import { SETTLED, type Work } from '../moves/work.ts';
import type { PackageKind, SideRole } from '../packages/kinds.ts';

/** How a lesson ends without being held. One that is held completes by itself when it is over (catch-up.ts). */

/** Who may cancel, and how long before the start at the latest. A lesson that awaits a time has no start to be late for. */
export const MAY_CANCEL: Readonly<Record<PackageKind, Readonly<Partial<Record<SideRole, { untilBeforeStartMs: number }>>>>> = {
  trial: { teacher: { untilBeforeStartMs: 0 }, partner: { untilBeforeStartMs: 0 }, student: { untilBeforeStartMs: 0 } },
  assessment: { teacher: { untilBeforeStartMs: 0 }, partner: { untilBeforeStartMs: 0 }, student: { untilBeforeStartMs: 0 } },
  individual: { teacher: { untilBeforeStartMs: 0 }, partner: { untilBeforeStartMs: 0 }, student: { untilBeforeStartMs: 0 } },
  // One student of a group cannot take the lesson from the others, nor can one partner.
  group: { teacher: { untilBeforeStartMs: 0 } },
};

export function cancel(work: Work, command: CommandOf<'cancel'>): Refusal | undefined {
  const lesson = work.lesson(command.lessonId);
  const refused = mayCancel(lesson, command.by, work.now, work.facts);
  if (refused !== undefined) return refused;
  const { requestId, status } = lesson;
  work.step(lesson.id, 'cancel', SETTLED);
  if (requestId !== undefined) {
    if (status === 'offered') dropItem(work, requestId, lesson.id, 'cancelled', 'closed');
    else work.stepRequest(requestId, 'end', { outcome: 'closed' });
  }
  work.emit({
    type: 'lesson.cancelled', by: command.by, reason: command.reason, lessons: [{ lessonId: lesson.id, oldStart: lesson.start }],
    ...(requestId === undefined ? {} : { requestId }),
  });
  return undefined;
}

function mayCancel(lesson: Lesson, by: Actor, now: number, facts: Facts): Refusal | undefined {
  const isParticipant = voicesOfActor(by, facts).length > 0;
  if (by.role !== 'manager' && !isParticipant) return refuse('not-a-participant');
  if (!canAdvance(LESSON_TABLE, lesson.status, 'cancel')) return refuse('lesson-final');
  if (by.role === 'manager') return undefined;
  const row = MAY_CANCEL[facts.kind][by.role as SideRole];
  if (row === undefined || lesson.status === 'lapsed') return refuse('role-may-not-cancel');
  const tooLate = lesson.status === 'scheduled' && now >= lesson.start - row.untilBeforeStartMs;
  return tooLate ? refuse('too-late-to-cancel') : undefined;
}
