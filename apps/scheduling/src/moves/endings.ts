import { conflicts, originalIsAhead } from './rules.ts';
import { takenBesides } from './claims.ts';
import { detachedRequestId } from './derive-id.ts';
import { endOf, openItems, openOffer, type Actor, type Lesson, type MoveRequest, type OfferItem, type RequestOutcome } from './state.ts';
import { closeOffer, originalIsFree, SETTLED, strandedFrom, type Work } from './work.ts';

/** How lessons and requests lose an offer: back to the old start, left awaiting, or on alone in a thread of their own. */

/** Where a lesson went when its offer ended without an agreement. */
export interface Ending {
  readonly lessonId: string;
  readonly went: 'back' | 'awaiting';
  /** Why it could not go back. */
  readonly reason?: 'too-late-to-return' | 'original-slot-held';
}

/** Rule 8: before the old start the lesson goes back to it, later it cannot. A slot lost meanwhile keeps it out too. */
export function returnLesson(work: Work, lessonId: string): Ending {
  const lesson = work.lesson(lessonId);
  if (work.request(lesson.requestId)?.origin === 'tz-database') {
    work.step(lessonId, 'expire', SETTLED, { askedByDatabase: true });
    return { lessonId, went: 'back' };
  }
  const ahead = originalIsAhead(lesson, work.now);
  if (ahead && originalIsFree(lesson, work)) {
    work.step(lessonId, 'return', SETTLED, { canReturn: true });
    return { lessonId, went: 'back' };
  }
  work.step(lessonId, 'return', strandedFrom(lesson, work));
  return { lessonId, went: 'awaiting', reason: ahead ? 'original-slot-held' : 'too-late-to-return' };
}

/** Take one lesson out of an open offer. One left makes it an ordinary request, none left closes it. */
export function dropItem(
  work: Work, requestId: string, lessonId: string, dropped: NonNullable<OfferItem['dropped']>, outcome: RequestOutcome,
): void {
  const request = work.request(requestId) as MoveRequest;
  const open = openOffer(request);
  const offers = request.offers.map((offer) =>
    offer === open
      ? { ...offer, items: offer.items.map((item) => (item.lessonId === lessonId ? { ...item, dropped } : item)) }
      : offer,
  );
  const left = openItems(offers.find(({ number }) => number === open?.number)).length;
  if (left > 0) {
    work.stepRequest(requestId, 'detach', { offers, scope: left === 1 ? 'lesson' : request.scope });
  } else {
    work.stepRequest(requestId, 'end', { offers: closeOffer({ ...request, offers }, 'closed'), outcome });
  }
}

/** A thread without an offer, for one lesson that awaits a proposal. */
export const threadOf = (id: string, packageId: string, openedBy: Actor): MoveRequest =>
  ({ id, packageId, scope: 'lesson', status: 'waiting', origin: 'people', openedBy, offers: [], version: 1 });

/** An awaiting lesson goes on in a thread of its own; it keeps its old start as far as the rest leaves it free. */
export function openThread(work: Work, lesson: Lesson, from: MoveRequest): MoveRequest {
  const thread = { ...threadOf(detachedRequestId(from.id, lesson.id), from.packageId, from.openedBy), detachedFrom: from.id };
  work.addRequest(thread);
  work.note(lesson.id, { requestId: thread.id });
  // Its claim is its own from now on, so a slot that a sibling was offered cannot be held beside it.
  const taken = takenBesides(work.scene(), work.facts, new Set([lesson.id]));
  if (conflicts({ start: lesson.start, end: endOf(lesson) }, work.facts, taken).length > 0) {
    work.note(lesson.id, { holdsOriginal: false });
  }
  return thread;
}

/** End an open offer without an agreement for all its lessons, and the request with it unless a lesson stays behind. */
export function endOffer(work: Work, request: MoveRequest, how: 'declined' | 'withdrawn' | 'closed'): Ending[] {
  const items = openItems(openOffer(request));
  const endings = items.map(({ lessonId }) => returnLesson(work, lessonId));
  const stays = endings.filter(({ went }) => went === 'awaiting');
  const lessonIsAwaiting = items.length === 1 && stays.length === 1;
  work.stepRequest(request.id, 'return', {
    offers: closeOffer(request, how),
    ...(lessonIsAwaiting ? {} : { outcome: how }),
  }, { lessonIsAwaiting });
  if (!lessonIsAwaiting) for (const { lessonId } of stays) openThread(work, work.lesson(lessonId), request);
  return endings;
}

/** Leave lessons out of an open offer that goes on for the rest. */
export function leaveOut(work: Work, request: MoveRequest, lessonIds: readonly string[]): Ending[] {
  return lessonIds.map((lessonId) => {
    const ending = returnLesson(work, lessonId);
    dropItem(work, request.id, lessonId, 'left-out', 'closed');
    if (ending.went === 'awaiting') openThread(work, work.lesson(lessonId), request);
    return ending;
  });
}
