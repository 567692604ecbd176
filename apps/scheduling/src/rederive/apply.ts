import { MOVE_LEAD_MS } from '@schoolbell/time';
import { finish, type Decision } from '../moves/decide.ts';
import { databaseRequestId } from '../moves/derive-id.ts';
import { voicesOf } from '../moves/consent.ts';
import { openItems, openOffer, type Facts, type Lesson, type MoveRequest, type Offer, type Scene } from '../moves/state.ts';
import { closeOffer, createWork, SETTLED, SYSTEM, type Work } from '../moves/work.ts';
import type { Shift } from './plan.ts';

/** Carries out the shifts of one scene, whose other lessons stay as they are: the wall clock stays, the instant moves, or the instant stays and people are asked. */
export function rederive(scene: Scene, shifts: readonly Shift[], made: ReadonlySet<Shift>, now: number, facts: Facts): Decision {
  const work = createWork(scene, facts, now);
  for (const request of scene.requests) if (request.origin === 'tz-database' && request.status === 'offered') supersede(work, request);
  for (const shift of shifts) {
    if (shift.slot === 'offer') shiftOffer(work, shift, made.has(shift));
    else if (made.has(shift)) shiftLesson(work, shift);
    else keepInstant(work, shift);
  }
  for (const { id, tzVersion } of work.scene().lessons) if (tzVersion !== facts.tzVersion) work.note(id, { tzVersion: facts.tzVersion });
  const after = work.scene();
  return { scene: finish(scene, after, facts), events: work.events() };
}

/** What an older release asked is no question any more. */
function supersede(work: Work, request: MoveRequest): void {
  const open = openOffer(request);
  const lessons = openItems(open).map(({ lessonId, start }) => ({ lessonId, oldStart: work.lesson(lessonId).start, newStart: start }));
  for (const { lessonId } of lessons) work.step(lessonId, 'expire', { ...SETTLED, keepsInstant: false }, { askedByDatabase: true });
  work.stepRequest(request.id, 'end', { offers: closeOffer(request, 'closed'), outcome: 'closed' });
  work.emit({ type: 'move.closed', by: SYSTEM, requestId: request.id, offer: open?.number, reason: 'tz-database', lessons });
}

function shiftLesson(work: Work, { lessonId, from, to }: Shift): void {
  work.step(lessonId, 'rederive', { start: to.start, keepsInstant: false });
  work.emit({ type: 'lesson.rederived', by: SYSTEM, lessons: [{ lessonId, oldStart: from.start, newStart: to.start }] });
}

/** Nearer than three days, colliding, or beyond a limit: it stays, and both sides are asked if there is time to answer. */
function keepInstant(work: Work, { lessonId, from, to }: Shift): void {
  const lesson = work.step(lessonId, 'rederive', { keepsInstant: true });
  const canAsk = lesson.status === 'scheduled' && Math.min(from.start, to.start) - MOVE_LEAD_MS > work.now;
  if (canAsk) ask(work, lesson, to.start);
  work.emit({
    type: 'lesson.instant-kept', by: SYSTEM, requestId: work.lesson(lessonId).requestId,
    lessons: [{ lessonId, oldStart: from.start, newStart: to.start }],
  });
}

function ask(work: Work, lesson: Lesson, start: number): void {
  const { facts, now } = work;
  const id = databaseRequestId(facts.tzVersion, lesson);
  const item = { lessonId: lesson.id, start, wall: lesson.wall, ...(lesson.pass === undefined ? {} : { pass: lesson.pass }) };
  const offer: Offer = { number: 1, by: SYSTEM, madeAt: now, status: 'open', agreed: [], items: [item] };
  work.addRequest({
    id, packageId: lesson.packageId, scope: 'lesson', status: 'offered', origin: 'tz-database', openedBy: SYSTEM, offers: [offer], version: 1,
  });
  work.step(lesson.id, 'offer', { requestId: id, holdsOriginal: true });
  work.emit({
    type: 'move.requested', by: SYSTEM, requestId: id, offer: 1, reason: 'tz-database', missing: voicesOf(facts),
    lessons: [{ lessonId: lesson.id, oldStart: lesson.start, newStart: start }],
  });
}

function shiftOffer(work: Work, { lessonId, from, to }: Shift, moves: boolean): void {
  const request = work.request(work.lesson(lessonId).requestId) as MoveRequest;
  const open = openOffer(request);
  const items = open?.items.map((item) => {
    if (item.lessonId !== lessonId) return item;
    return moves ? { ...item, start: to.start, keepsInstant: false } : { ...item, keepsInstant: true };
  });
  work.stepRequest(request.id, 'rederive', { offers: request.offers.map((offer) => (offer === open ? { ...offer, items: items ?? [] } : offer)) });
  if (!moves) return;
  work.emit({
    type: 'move.rederived', by: SYSTEM, requestId: request.id, offer: open?.number, lessons: [{ lessonId, oldStart: from.start, newStart: to.start }],
  });
}
