import type { Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import { decide } from '../moves/decide.ts';
import { refuse } from '../moves/refusals.ts';
import type { Actor, Lesson, Scene } from '../moves/state.ts';
import { saveChanges } from '../store/save.ts';
import { isOpen } from './kinds.ts';
import { closeOffers, openPackage, packageEvent, refresh, type ChangeDeps, type Changed } from './open.ts';

/** A package rests, goes on, or ends before its time. Staff decides that; every open offer ends with a reason. */

const setState = {
  name: 'scheduling_set_package_state',
  text: `UPDATE package SET state = $2, frozen_at = $3, version = version + 1, small_since = CASE WHEN $2 <> 'cancelled' THEN small_since END,
                            ask_at = CASE WHEN $2 <> 'cancelled' THEN ask_at END
          WHERE id = $1`,
};

/**
 * From now on nobody moves a lesson of it, and a lesson whose start comes does not take place: it awaits a new time, so
 * that nothing that was paid is lost. Lessons keep their slots until then, because nobody knows how long it rests.
 */
export async function freeze(tx: Tx, deps: ChangeDeps, packageId: string, by: Actor, reason: string, ifVersion?: number): Promise<Changed> {
  const opened = await openPackage(tx, deps, packageId, { ifVersion });
  if (opened === 'unknown' || 'stale' in opened) return opened;
  const { facts, now } = opened;
  if (opened.state === 'frozen') return refuse('package-frozen');
  if (opened.state !== 'active') return refuse('package-not-active');
  await closeOffers(tx, deps, opened, 'package-frozen');
  await tx.query(setState, [packageId, 'frozen', formatInstant(now)]);
  await refresh(tx, deps, { ...facts, frozenSince: now }, now);
  await deps.tell(tx, [{ facts, events: [packageEvent('package.frozen', by, now, [], reason)] }]);
  return undefined;
}

export async function resume(tx: Tx, deps: ChangeDeps, packageId: string, by: Actor, ifVersion?: number): Promise<Changed> {
  const opened = await openPackage(tx, deps, packageId, { ifVersion });
  if (opened === 'unknown' || 'stale' in opened) return opened;
  if (opened.state !== 'frozen') return refuse('package-not-frozen');
  const { facts: { frozenSince: _since, ...facts }, now } = opened;
  await tx.query(setState, [packageId, 'active', null]);
  await refresh(tx, deps, facts, now);
  await deps.tell(tx, [{ facts, events: [packageEvent('package.resumed', by, now, [])] }]);
  return undefined;
}

/** Cancelled or refunded: every lesson that has not begun will not take place. One that is running is held to its end. */
export async function cancelPackage(tx: Tx, deps: ChangeDeps, packageId: string, by: Actor, reason: string, ifVersion?: number): Promise<Changed> {
  const opened = await openPackage(tx, deps, packageId, { ifVersion });
  if (opened === 'unknown' || 'stale' in opened) return opened;
  const { facts, now } = opened;
  if (!isOpen(opened.state)) return refuse('package-not-active');
  const scene = await closeOffers(tx, deps, opened, 'package-cancelled');
  const ahead = scene.lessons.filter(({ status, start }) => status !== 'scheduled' || start > now);
  const changes = ahead.map((lesson) => {
    const before: Scene = { lessons: [lesson], requests: scene.requests.filter(({ id }) => id === lesson.requestId) };
    const after = decide(before, { type: 'cancel', lessonId: lesson.id, by, reason }, now, { ...facts, busy: [] }).scene;
    return { before, after, facts };
  });
  saveChanges(tx, changes, now);
  await tx.query(setState, [packageId, 'cancelled', null]);
  const cancelled: Lesson[] = changes.flatMap(({ after }) => after.lessons);
  // One notice tells of all of them.
  await deps.tell(tx, [{ facts, events: [packageEvent('package.cancelled', by, now, cancelled, reason)] }]);
  return undefined;
}
