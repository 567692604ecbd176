import type { CommandOf } from './commands.ts';
import { answeringVoices, mayWithdraw, missingVoices, voicesOfActor } from './consent.ts';
import { endOffer, leaveOut, type Ending } from './endings.ts';
import { announce, mayOffer, newOffer, putOnOffer } from './offering.ts';
import { breaksOfPlan, planMove } from './plan.ts';
import { refuse, type LessonBreak, type Refusal } from './refusals.ts';
import { counteredLesson, openItems, openOffer, type Actor, type MoveRequest, type Offer, type OfferItem } from './state.ts';
import { closeOffer, SETTLED, type Work } from './work.ts';

/** Commands that answer an open offer, or take it back. */

export function approve(work: Work, command: CommandOf<'approve'>): Refusal | undefined {
  const answer = answerable(work, command);
  if ('code' in answer) return answer;
  if (work.facts.frozenSince !== undefined) return refuse('package-frozen');
  const { request, offer, voices } = answer;
  if (command.without.length === 0 && voices.every((voice) => offer.agreed.includes(voice))) return refuse('already-agreed');
  const items = openItems(offer);
  const left = withoutBroken(work, items, command.without);
  if ('code' in left) return left;

  const told = {
    by: command.by, requestId: request.id, offer: offer.number, lessons: changesOf(work, items),
    ...(left.length === 0 ? {} : { leftOut: left }),
  };
  leaveOut(work, request, left.map(({ lessonId }) => lessonId));
  const current = work.request(request.id) as MoveRequest;
  const agreed = [...new Set([...offer.agreed, ...voices])];
  const offers = current.offers.map((one) => (one.number === offer.number ? { ...one, agreed } : one));
  const missing = missingVoices({ agreed }, work.facts);
  if (missing.length > 0) {
    work.stepRequest(request.id, 'agree', { offers }, { voicesAreMissing: true });
    work.emit({ type: 'move.agreed', ...told, missing });
    return undefined;
  }
  const remaining = openItems(openOffer({ ...current, offers }));
  work.stepRequest(request.id, 'agree', { offers: closeOffer({ ...current, offers }, 'approved'), outcome: 'approved' });
  for (const item of remaining) takeNewStart(work, item);
  work.emit({ type: 'move.approved', ...told });
  return undefined;
}

/**
 * The lesson is at its new time for good. The release that it was derived with stays: an offer that an older one derived is
 * agreed to before the job has judged it, and only a lesson that is not of the present release is judged.
 */
function takeNewStart(work: Work, { lessonId, start, wall, pass, keepsInstant = false }: OfferItem): void {
  work.step(lessonId, 'approve', { ...SETTLED, start, wall, pass, keepsInstant });
}

/** A counter replaces the open offer: same request, same thread, all approvals cleared, deadlines from the new start. */
export function counter(work: Work, command: CommandOf<'counter'>): Refusal | undefined {
  const answer = answerable(work, command);
  if ('code' in answer) return answer;
  const { request, offer } = answer;
  const refused = mayOffer(command.by, request.scope, work.facts);
  if (refused !== undefined) return refused;
  const lessons = openItems(offer).map(({ lessonId }) => work.lesson(lessonId));
  const chosen = lessons.find(({ id }) => id === counteredLesson(offer, command.ofLesson));
  // It was detached or left out since the page was made: of another lesson the same time would be a move by other weeks.
  if (chosen === undefined) return refuse('lesson-not-offered', { requestId: request.id, offer: offer.number });
  const plan = planMove(lessons, chosen, command.to, work.facts);
  const left = withoutBroken(work, plan, command.without);
  if ('code' in left) return left;

  leaveOut(work, request, left.map(({ lessonId }) => lessonId));
  const current = work.request(request.id) as MoveRequest;
  const rest = plan.filter(({ lessonId }) => !left.some((out) => out.lessonId === lessonId));
  const next = newOffer(offer.number + 1, command.by, work, rest);
  work.stepRequest(request.id, 'counter', { offers: [...closeOffer(current, 'countered'), next] });
  const reminderIncluded = rest.map((item) => putOnOffer(work, item, 'counter', {})).includes(true);
  announce(work, 'move.countered', command.by, request.id, next, reminderIncluded, left);
  return undefined;
}

export function decline(work: Work, command: CommandOf<'decline'>): Refusal | undefined {
  const answer = answerable(work, command);
  if ('code' in answer) return answer;
  const { request, offer } = answer;
  endAndTell(work, 'move.declined', 'declined', command, request, offer);
  return undefined;
}

export function withdraw(work: Work, command: CommandOf<'withdraw'>): Refusal | undefined {
  const request = work.request(command.requestId) as MoveRequest;
  if (voicesOfActor(command.by, work.facts).length === 0) return refuse('not-a-participant');
  if (!mayWithdraw(command.by, request.openedBy, work.facts)) return refuse('not-your-request');
  const offer = openOffer(request);
  if (offer === undefined) return whyNoOffer(request);
  endAndTell(work, 'move.withdrawn', 'withdrawn', command, request, offer);
  return undefined;
}

/** The teacher was replaced, the package frozen, the group changed: the request ends with a reason, both sides are told. */
export function close(work: Work, command: CommandOf<'close'>): Refusal | undefined {
  const request = work.request(command.requestId) as MoveRequest;
  if (command.by.role !== 'system' && command.by.role !== 'manager') return refuse('role-may-not-decide');
  const offer = openOffer(request);
  if (offer === undefined) return whyNoOffer(request);
  endAndTell(work, 'move.closed', 'closed', command, request, offer);
  return undefined;
}

function endAndTell(
  work: Work, type: 'move.declined' | 'move.withdrawn' | 'move.closed', how: 'declined' | 'withdrawn' | 'closed',
  { by, reason }: { by: Actor; reason?: string }, request: MoveRequest, offer: Offer,
): void {
  const lessons = changesOf(work, openItems(offer));
  const endings: Ending[] = endOffer(work, request, how);
  work.emit({
    type, by, requestId: request.id, offer: offer.number, ...(reason === undefined ? {} : { reason }),
    lessons: lessons.map((lesson) => {
      const stuck = endings.find(({ lessonId }) => lessonId === lesson.lessonId)?.reason;
      return stuck === undefined ? lesson : { ...lesson, reason: stuck };
    }),
  });
}

/** The offer that a command answers, if it is still open and this person may answer it. */
export function answerable(
  work: Work, { requestId, offer: number, by }: { requestId: string; offer: number; by: Actor },
): Refusal | { request: MoveRequest; offer: Offer; voices: string[] } {
  const request = work.request(requestId) as MoveRequest;
  if (voicesOfActor(by, work.facts).length === 0) return refuse('not-a-participant');
  const open = openOffer(request);
  if (open === undefined) return whyNoOffer(request, number);
  if (open.number !== number) return refuse('offer-superseded', { requestId, offer: open.number });
  const voices = answeringVoices(by, open, work.facts);
  return voices.length === 0 ? refuse('own-offer') : { request, offer: open, voices };
}

function whyNoOffer(request: MoveRequest, number?: number): Refusal {
  const asked = request.offers.find((offer) => offer.number === (number ?? request.offers.length));
  if (asked?.status === 'expired') return refuse('offer-expired', { requestId: request.id });
  return refuse(request.status === 'closed' ? 'request-closed' : 'no-open-offer', { requestId: request.id });
}

/** Lessons left out of an open offer: exactly such as break a rule now. The rest must break none. */
function withoutBroken(
  work: Work, plan: readonly (OfferItem & { start: number })[], without: readonly string[],
): Refusal | LessonBreak[] {
  if (without.some((id) => !plan.some(({ lessonId }) => lessonId === id))) return refuse('unknown-lesson-left-out');
  const scene = work.scene();
  const kept = plan.filter(({ lessonId }) => !without.includes(lessonId));
  const breaks = breaksOfPlan(kept, scene, work.now, work.facts);
  const first = breaks[0]?.codes[0];
  if (first !== undefined) return refuse(plan.length === 1 ? first : 'lessons-break-rules', { lessons: breaks });
  if (without.length === 0) return [];
  // Asked one at a time beside those that stay: a lesson may also break a rule only because another is left out.
  const out = without.map((id) => plan.filter(({ lessonId }) => lessonId === id || kept.some((item) => item.lessonId === lessonId)))
    .flatMap((candidates, index) => breaksOfPlan(candidates, scene, work.now, work.facts)
      .filter(({ lessonId }) => lessonId === without[index]));
  if (out.length < without.length) return refuse('exclusion-not-needed');
  return kept.length === 0 ? refuse('lessons-break-rules', { lessons: out }) : out;
}

/** Old and offered start of each lesson, as they are before the answer takes effect. */
const changesOf = (work: Work, items: readonly OfferItem[]) =>
  items.map(({ lessonId, start }) => ({ lessonId, oldStart: work.lesson(lessonId).start, newStart: start }));
