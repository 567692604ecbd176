import type { Tx } from '@schoolbell/service-kit';
import { timeZoneDatabaseVersion, type Interval } from '@schoolbell/time/zones';
import type { Clock } from '@schoolbell/time';
import { decide } from '../moves/decide.ts';
import type { MoveEvent, MoveEventType } from '../moves/events.ts';
import type { Refusal } from '../moves/refusals.ts';
import { endOf, type Actor, type Facts, type Lesson, type Scene } from '../moves/state.ts';
import { SYSTEM } from '../moves/work.ts';
import { lockAll, lockPeopleOf, readFacts, type PackageFacts, type PackageRow } from '../store/packages.ts';
import type { Stale, Tell } from '../store/perform.ts';
import { saveChanges } from '../store/save.ts';
import { busyAround, openLessons, readRequests } from '../store/scenes.ts';

/** What every change of a package as a whole begins with: its lock, its people, its lessons, and the end of its open offers. */

export interface ChangeDeps {
  readonly clock: Clock;
  readonly tell: Tell;
}

/** Why a package was not changed, or undefined. */
export type Changed = Refusal | Stale | 'unknown' | undefined;

export interface Opened {
  readonly now: number;
  readonly facts: PackageFacts;
  /** Lessons that are not over, and the requests that claim some of them. */
  readonly scene: Scene;
  readonly state: PackageRow['state'];
}

/** Locks a package and reads it, with everything that was due carried out; `ifVersion` is what the caller has seen of it. */
export async function openPackage(
  tx: Tx, deps: ChangeDeps, packageId: string, options: { people?: readonly string[]; ifVersion?: number | undefined } = {},
): Promise<Opened | Stale | 'unknown'> {
  const { people = [], ifVersion } = options;
  const rows = await lockAll(tx, [packageId]);
  const [row] = rows;
  if (row === undefined) return 'unknown';
  if (ifVersion !== undefined && row.version !== ifVersion) return { stale: { version: row.version } };
  const seats = await lockPeopleOf(tx, rows, people);
  const now = deps.clock.now();
  const facts = (await readFacts(tx, rows, seats, timeZoneDatabaseVersion())).get(packageId) as PackageFacts;
  return { now, facts, scene: await refresh(tx, deps, facts, now), state: row.state };
}

/** Every open offer ends with a reason: what was agreed among these people cannot be agreed among others. */
export async function closeOffers(tx: Tx, { tell }: ChangeDeps, { scene, facts, now }: Omit<Opened, 'state'>, reason: string): Promise<Scene> {
  let lessons = scene.lessons;
  const requests = new Map(scene.requests.map((request) => [request.id, request]));
  for (const request of scene.requests.filter(({ status }) => status === 'offered')) {
    const before = { requests: [request], lessons: lessons.filter(({ requestId }) => requestId === request.id) };
    const busy = await busyAround(tx, [facts.teacherId, ...facts.seats.map(({ studentId }) => studentId)], before.lessons.map(slotOf));
    const known: Facts = { ...facts, busy };
    const closed = decide(before, { type: 'close', requestId: request.id, reason, by: SYSTEM }, now, known);
    saveChanges(tx, [{ before, after: closed.scene, facts }], now);
    await tell(tx, [{ facts, events: closed.events, scene: closed.scene }]);
    lessons = lessons.map((lesson) => closed.scene.lessons.find(({ id }) => id === lesson.id) ?? lesson);
    for (const one of closed.scene.requests) requests.set(one.id, one);
  }
  return { lessons, requests: [...requests.values()] };
}

/** Deadlines anew, from facts that may have changed outside the lessons: another contract, another teacher, a package that rests. */
export async function refresh(tx: Tx, { tell }: ChangeDeps, facts: PackageFacts, now: number): Promise<Scene> {
  const lessons = await openLessons(tx, facts.packageId);
  const requests = await readRequests(tx, [...new Set(lessons.flatMap(({ requestId }) => requestId ?? []))]);
  const before = { lessons, requests };
  const { scene: after, events } = decide(before, { type: 'tick' }, now, { ...facts, busy: [] });
  saveChanges(tx, [{ before, after, facts }], now);
  await tell(tx, [{ facts, events, scene: after }]);
  return { lessons: after.lessons.filter(({ next }) => next !== undefined), requests: after.requests };
}

/** The same for one package from outside: after a contract changed, and once a minute for all that await. */
export async function refreshPackage(tx: Tx, deps: ChangeDeps, packageId: string): Promise<void> {
  await openPackage(tx, deps, packageId);
}

const slotOf = (lesson: Lesson): Interval => ({ start: lesson.start, end: endOf(lesson) });

/** Something that happened to a package, with the lessons it concerns as they are by now. */
export const packageEvent = (type: MoveEventType, by: Actor, now: number, lessons: readonly Lesson[], reason?: string): MoveEvent => ({
  type, by, at: now, ...(reason === undefined ? {} : { reason }),
  lessons: lessons.map(({ id, status, start, next }) => ({ lessonId: id, status, oldStart: start, ...(next === undefined ? {} : { next }) })),
});
