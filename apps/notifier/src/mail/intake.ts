import type { Tx } from '@schoolbell/service-kit';
import { MOVE_LEAD_MS, parseInstant } from '@schoolbell/time';
import { noticeKind, REMINDER, type Telling } from '../notices/decide.ts';
import { topicOf } from '../notices/render.ts';
import { queueMail, type MailEvent } from './queue-store.ts';

/** Queues mail about what was just told, in the transaction that tells it. */
export const mailAbout = (tx: Tx, tellings: readonly Telling[], nowMs: number): Promise<void> =>
  queueMail(tx, tellings.flatMap(eventOf), nowMs);

function eventOf({ eventId, transition, data, readers }: Telling): MailEvent[] {
  const kind = noticeKind(transition, data);
  if (kind === undefined || readers.length === 0) return [];
  return [{ eventId, topic: topicOf(kind), lateAtMs: transition === REMINDER ? reminderLateAt(data.lessons) : undefined }];
}

/** The reminder asks to finish while the old start can still be kept. After that it is no news of its own. */
function reminderLateAt(lessons: readonly { readonly oldStart: string }[]): number | undefined {
  return lessons.length === 0 ? undefined : Math.min(...lessons.map(({ oldStart }) => parseInstant(oldStart))) - MOVE_LEAD_MS;
}
