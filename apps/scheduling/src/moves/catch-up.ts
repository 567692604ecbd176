import { missingVoices } from './consent.ts';
import { suspendedRequestId } from './derive-id.ts';
import { dropItem, openThread, threadOf } from './endings.ts';
import { earliest, expiryOf, FOLLOW_UP_EVERY_MS, nextAction, type NextAction, type NextActionKind } from './next-action.ts';
import { itemOf, limitOf, openItems, openOffer, type Lesson, type MoveRequest, type Offer } from './state.ts';
import { closeOffer, SETTLED, strandedFrom, SYSTEM, type NoticeType, type Work } from './work.ts';

/**
 * Everything that was due before now, in due order. The poller does nothing else, and every command does it first: a
 * deadline counts from its instant on, not from when a timer happens to fire. After downtime notices that a later one
 * has overtaken are merged into it; changes of state are never left out.
 */
export function catchUp(work: Work): void {
  for (;;) {
    const due = firstDue(work);
    if (due === undefined) return;
    ACTIONS[due.kind](work, work.lesson(due.lessonId));
  }
}

function firstDue(work: Work): (NextAction & { lessonId: string }) | undefined {
  const ahead = work.scene().lessons.flatMap((lesson) => {
    const next = nextAction(lesson, work.request(lesson.requestId), work.facts);
    return next === undefined || next.at > work.now ? [] : [{ ...next, lessonId: lesson.id }];
  });
  const first = earliest(ahead);
  return ahead.find((due) => due === first);
}

const ACTIONS: Readonly<Record<NextActionKind, (work: Work, lesson: Lesson) => void>> = {
  expire, remind, unfinished, 'limit-warning': warnOfLimit, 'follow-up': followUp, lapse, 'ask-manager': askManager, suspend, complete,
};

/** Rules 5 and 6: the offer is declined by the system. Rule 7: in a series the lesson is detached and goes on alone. */
function expire(work: Work, lesson: Lesson): void {
  const request = work.request(lesson.requestId) as MoveRequest;
  const offer = openOffer(request) as Offer;
  const newStart = itemOf(request, lesson.id)?.start;
  const told = {
    by: SYSTEM, requestId: request.id, offer: offer.number, missing: missingVoices(offer, work.facts),
    lessons: [{ lessonId: lesson.id, oldStart: lesson.start, newStart }],
  };
  if (request.origin === 'tz-database') {
    work.step(lesson.id, 'expire', SETTLED, { askedByDatabase: true });
    work.stepRequest(request.id, 'expire', { offers: closeOffer(request, 'expired'), outcome: 'expired' });
    work.emit({ type: 'move.expired', ...told });
  } else if (openItems(offer).length > 1) {
    work.step(lesson.id, 'expire', strandedFrom(lesson, work));
    dropItem(work, request.id, lesson.id, 'detached', 'expired');
    openThread(work, work.lesson(lesson.id), request);
    work.emit({ type: 'lesson.detached', ...told });
  } else {
    work.step(lesson.id, 'expire', strandedFrom(lesson, work));
    work.stepRequest(request.id, 'expire', { offers: closeOffer(request, 'expired') }, { lessonIsAwaiting: true });
    work.emit({ type: 'move.expired', ...told });
  }
}

function remind(work: Work, lesson: Lesson): void {
  const request = work.request(lesson.requestId) as MoveRequest;
  const item = itemOf(request, lesson.id);
  work.note(lesson.id, { remindedAt: work.now });
  if (item === undefined || expiryOf(request, lesson, item) <= work.now) return;
  const offer = openOffer(request) as Offer;
  work.emit({
    type: 'move.reminded', by: SYSTEM, requestId: request.id, offer: offer.number, missing: missingVoices(offer, work.facts),
    lessons: [{ lessonId: lesson.id, oldStart: lesson.start, newStart: item.start }],
  });
}

/** The old start is lost from now on, so its slot is free for others. */
function unfinished(work: Work, lesson: Lesson): void {
  work.note(lesson.id, { unfinishedToldAt: work.now, holdsOriginal: false });
  tell(work, lesson, 'move.unfinished');
}

function warnOfLimit(work: Work, lesson: Lesson): void {
  work.note(lesson.id, { limitWarnedAt: work.now });
  tell(work, lesson, 'lesson.limit-neared');
}

function followUp(work: Work, lesson: Lesson): void {
  work.note(lesson.id, { followUps: daysSince(lesson.awaitingSince, work.now) });
  tell(work, lesson, 'lesson.followed-up');
}

/** Told unless the lesson lapses at this very moment and that will be told instead. */
function tell(work: Work, lesson: Lesson, type: NoticeType): void {
  if (limitOf(lesson, work.facts) > work.now) work.notify(lesson, type);
}

/** Rule 9: at its limit the lesson goes to the school's manager. */
function lapse(work: Work, lesson: Lesson): void {
  const request = work.request(lesson.requestId) as MoveRequest;
  const wasOffered = lesson.status === 'offered';
  work.step(lesson.id, 'lapse', { ...SETTLED, lapsedSince: work.now });
  if (wasOffered) dropItem(work, request.id, lesson.id, 'left-out', 'lapsed');
  else work.stepRequest(request.id, 'end', { outcome: 'lapsed' });
  work.emit({
    type: 'lesson.lapsed', by: SYSTEM, requestId: request.id, lessons: [{ lessonId: lesson.id, oldStart: lesson.start }],
  });
}

function askManager(work: Work, lesson: Lesson): void {
  work.note(lesson.id, { managerReminders: daysSince(lesson.lapsedSince, work.now) });
  work.emit({ type: 'lesson.manager-asked', by: SYSTEM, lessons: [{ lessonId: lesson.id, oldStart: lesson.start }] });
}

/** Its package is frozen: the lesson does not take place, and awaits a new time in a thread of its own. */
function suspend(work: Work, lesson: Lesson): void {
  const thread = threadOf(suspendedRequestId(lesson.id, lesson.start), lesson.packageId, SYSTEM);
  work.addRequest(thread);
  work.step(lesson.id, 'suspend', { ...SETTLED, requestId: thread.id, awaitingSince: work.now, unfinishedToldAt: work.now });
  work.emit({ type: 'lesson.suspended', by: SYSTEM, requestId: thread.id, lessons: [{ lessonId: lesson.id, oldStart: lesson.start }] });
}

function complete(work: Work, lesson: Lesson): void {
  work.step(lesson.id, 'end', {});
  work.emit({ type: 'lesson.completed', by: SYSTEM, lessons: [{ lessonId: lesson.id, oldStart: lesson.start }] });
}

const daysSince = (since: number | undefined, now: number): number => Math.floor((now - (since ?? now)) / FOLLOW_UP_EVERY_MS);
