import { mayMove, type SideRole } from '../packages/kinds.ts';
import type { CommandOf } from './commands.ts';
import { missingVoices, voicesOfActor } from './consent.ts';
import { remindsAtOnce } from './next-action.ts';
import { breaksOfPlan, planMove, type PlannedLesson } from './plan.ts';
import { refuse, type LessonBreak, type Refusal, type RefusalCode } from './refusals.ts';
import { mayStillAsk } from './rules.ts';
import { type Actor, type Facts, type Lesson, type MoveRequest, type Offer, type OfferItem, type Scene } from './state.ts';
import type { Work } from './work.ts';

/** Commands that put a new time on the table: request and propose. (counter.ts has the third, which answers one.) */

/** Rule 10: a series move of one lesson is an ordinary move. */
export const SERIES_MIN = 2;

/** Rule 4 and "one open request per lesson", for each lesson that a new request would claim. */
export const askBreaks = (now: number) => (lesson: Lesson): RefusalCode[] => [
  ...(lesson.requestId === undefined ? [] : ['request-open' as const]),
  ...(lesson.status === 'scheduled' ? [] : ['lesson-not-scheduled' as const]),
  ...(mayStillAsk(lesson, now) ? [] : ['too-late-to-ask' as const]),
];

export function request(work: Work, command: CommandOf<'request'>): Refusal | undefined {
  const { now, facts } = work;
  const scene = work.scene();
  const chosen = work.lesson(command.lessonId);
  const refused = mayOffer(command.by, command.scope, facts) ?? whyNotAsk(chosen, scene, now);
  if (refused !== undefined) return refused;
  const lessons = command.scope === 'lesson' ? [chosen] : scene.lessons;
  const unknown = command.without.find((id) => id === chosen.id || !lessons.some((lesson) => lesson.id === id));
  if (unknown !== undefined) return refuse('unknown-lesson-left-out');
  const plan = planMove(lessons.filter(({ id }) => !command.without.includes(id)), chosen, command.to, facts);
  const breaks = breaksOfPlan(plan, scene, now, facts, askBreaks(now));
  const broken = refuseBreaks(breaks, command.scope);
  if (broken !== undefined) return broken;
  if (command.scope === 'series' && plan.length < SERIES_MIN) return refuse('series-too-small');

  const offer = newOffer(1, command.by, work, plan);
  work.addRequest({
    id: command.requestId, packageId: facts.packageId, scope: command.scope, status: 'offered', origin: 'people',
    openedBy: command.by, offers: [offer], version: 1,
  });
  const reminderIncluded = plan.map((item) =>
    putOnOffer(work, item, 'offer', { requestId: command.requestId, holdsOriginal: true })).includes(true);
  announce(work, 'move.requested', command.by, command.requestId, offer, reminderIncluded);
  return undefined;
}

/** A new time for an awaiting lesson: either side, same thread, any time before the limit, rules 1 to 3 only. */
export function propose(work: Work, command: CommandOf<'propose'>): Refusal | undefined {
  const { now, facts } = work;
  const thread = work.request(command.requestId) as MoveRequest;
  const refused = mayOffer(command.by, 'lesson', facts);
  if (refused !== undefined) return refused;
  if (thread.status === 'closed') return refuse('request-closed');
  if (thread.status === 'offered') return refuse('offer-open', { offer: thread.offers.length });
  const lesson = work.scene().lessons.find(({ requestId }) => requestId === thread.id) as Lesson;
  const plan = planMove([lesson], lesson, command.to, facts);
  const broken = refuseBreaks(breaksOfPlan(plan, work.scene(), now, facts), 'lesson');
  if (broken !== undefined) return broken;

  const offer = newOffer(thread.offers.length + 1, command.by, work, plan);
  work.stepRequest(thread.id, 'propose', { openedBy: command.by, scope: 'lesson', offers: [...thread.offers, offer] });
  const reminderIncluded = plan.map((item) => putOnOffer(work, item, 'offer', {})).includes(true);
  announce(work, 'move.proposed', command.by, thread.id, offer, reminderIncluded);
  return undefined;
}

/** Is this person of the package, and may their role ask for such a move? The table in packages/kinds.ts decides. */
export function mayOffer(by: Actor, scope: 'lesson' | 'series', facts: Facts): Refusal | undefined {
  if (voicesOfActor(by, facts).length === 0) return refuse('not-a-participant');
  if (!mayMove(facts.kind, by.role as SideRole, scope)) return refuse('role-may-not-move');
  // Nobody could answer, and an agreement of the teacher alone would have decided for whoever joins next.
  if (facts.seats.length === 0) return refuse('group-empty');
  return facts.frozenSince === undefined ? undefined : refuse('package-frozen');
}

function whyNotAsk(chosen: Lesson, scene: Scene, now: number): Refusal | undefined {
  const code = askBreaks(now)(chosen)[0];
  if (code === undefined) return undefined;
  const open = scene.requests.find(({ id }) => id === chosen.requestId);
  return refuse(code, code === 'request-open' ? { requestId: chosen.requestId, offer: open?.offers.length } : {});
}

/** A single lesson is refused with the rule itself, a series with the list of its lessons. */
export function refuseBreaks(breaks: readonly LessonBreak[], scope: 'lesson' | 'series'): Refusal | undefined {
  const code = breaks[0]?.codes[0];
  if (code === undefined) return undefined;
  return refuse(scope === 'lesson' ? code : 'lessons-break-rules', { lessons: breaks });
}

export const newOffer = (number: number, by: Actor, work: Work, plan: readonly PlannedLesson[]): Offer => ({
  number, by, madeAt: work.now, status: 'open', agreed: voicesOfActor(by, work.facts),
  items: plan.map(({ lessonId, start, wall, pass }): OfferItem => ({ lessonId, start, wall, ...(pass === undefined ? {} : { pass }) })),
});

/** Of a lesson whose old start and whose offer were derived by two releases of the time-zone database: each judges it anew. */
export const SEVERAL_RELEASES = 'several';

/** Put one lesson on offer. A reminder that is due by now is part of the notice about the offer: true if so. */
export function putOnOffer(work: Work, item: PlannedLesson, on: 'offer' | 'counter', change: Partial<Lesson>): boolean {
  const lesson = work.lesson(item.lessonId);
  const folds = lesson.remindedAt === undefined && remindsAtOnce(work.now, lesson, item);
  const derived = lesson.tzVersion === work.facts.tzVersion ? {} : { tzVersion: SEVERAL_RELEASES };
  work.step(item.lessonId, on, { ...change, ...derived, ...(folds ? { remindedAt: work.now } : {}) });
  return folds && work.now < lesson.start;
}

export function announce(
  work: Work, type: 'move.requested' | 'move.proposed' | 'move.countered', by: Actor, requestId: string, offer: Offer,
  reminderIncluded: boolean, leftOut: readonly LessonBreak[] = [],
): void {
  work.emit({
    type, by, requestId, offer: offer.number, missing: missingVoices(offer, work.facts),
    lessons: offer.items.map(({ lessonId, start }) => ({ lessonId, oldStart: work.lesson(lessonId).start, newStart: start })),
    ...(reminderIncluded ? { reminderIncluded } : {}),
    ...(leftOut.length === 0 ? {} : { leftOut }),
  });
}
