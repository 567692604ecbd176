import { MOVE_LEAD_MS } from '@schoolbell/time';
import type { CommandOf } from './commands.ts';
import { voicesOfActor } from './consent.ts';
import { refuse, type Refusal } from './refusals.ts';
import { originalIsAhead } from './rules.ts';
import type { Lesson, MoveRequest } from './state.ts';
import { originalIsFree, SETTLED, type Work } from './work.ts';

/** Back to the old start: either side alone, because both had agreed to it once. Only a lesson without an offer. */
export function restore(work: Work, command: CommandOf<'restore'>): Refusal | undefined {
  const thread = work.request(command.requestId) as MoveRequest;
  if (voicesOfActor(command.by, work.facts).length === 0) return refuse('not-a-participant');
  if (work.facts.frozenSince !== undefined) return refuse('package-frozen');
  if (thread.status === 'closed') return refuse('request-closed');
  if (thread.status === 'offered') return refuse('offer-open', { requestId: thread.id, offer: thread.offers.length });
  const lesson = work.scene().lessons.find(({ requestId }) => requestId === thread.id) as Lesson;
  if (!originalIsAhead(lesson, work.now, MOVE_LEAD_MS)) return refuse('restore-too-late');
  if (!originalIsFree(lesson, work)) return refuse('original-slot-held');
  work.step(lesson.id, 'restore', SETTLED);
  work.stepRequest(thread.id, 'end', { outcome: 'restored' });
  work.emit({
    type: 'lesson.restored', by: command.by, requestId: thread.id, lessons: [{ lessonId: lesson.id, oldStart: lesson.start }],
  });
  return undefined;
}
