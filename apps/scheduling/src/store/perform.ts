import type { Database, Tx } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';
import { timeZoneDatabaseVersion } from '@schoolbell/time/zones';
import { attendees } from '../moves/claims.ts';
import type { Command } from '../moves/commands.ts';
import { decide, type Decision } from '../moves/decide.ts';
import type { MoveEvent } from '../moves/events.ts';
import { regularFrom } from '../moves/plan.ts';
import { slotsToKnow } from '../moves/slots.ts';
import type { Facts, Scene } from '../moves/state.ts';
import { lockOne, readFacts, type PackageFacts } from './packages.ts';
import { saveChanges } from './save.ts';
import { busyAround, lessonsById, lessonsOfRequests, readRequests, scheduledLessons } from './scenes.ts';

/** Carries out one command: lock, read the clock, decide, write, tell; all in one transaction. */

/** What came true in one package. */
export interface Told {
  readonly facts: PackageFacts;
  readonly events: readonly MoveEvent[];
}
/** Writes the audit trail and the outbox, in the transaction of the effect. */
export type Tell = (tx: Tx, told: readonly Told[]) => Promise<void>;

/** A command about a lesson or request that there is not. */
export interface Unknown {
  readonly unknown: 'lesson' | 'request';
}
/** The row has another version than the caller has seen. */
export interface Stale {
  readonly stale: { readonly version: number };
}
export interface Performed extends Decision {
  readonly facts: Facts;
}

export interface PerformDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly tell: Tell;
}

type About = Command & { readonly lessonId?: string; readonly requestId?: string };

/** `ifVersion`: the version of the request, or of the lesson for commands about a lesson, that the caller has seen. */
export async function performIn(
  tx: Tx, { clock, tell }: Omit<PerformDeps, 'db'>, command: About, ifVersion?: number,
): Promise<Performed | Unknown | Stale> {
  const what = command.lessonId === undefined ? 'request' : 'lesson';
  const locked = await lockOne(tx, what, command.lessonId ?? command.requestId);
  if (locked === undefined) return { unknown: what };
  const { row, seats } = locked;
  // Only now: whoever waited for a lock must not decide by the time at which the wait began.
  const now = clock.now();
  const [read, scene] = await Promise.all([readFacts(tx, [row], seats, timeZoneDatabaseVersion()), readScene(tx, command, row.id)]);
  const known = read.get(row.id) as PackageFacts;
  if (scene === undefined) return { unknown: what };
  const version = versionOf(scene, command);
  if (ifVersion !== undefined && version !== ifVersion) return { stale: { version } };
  const busy = await busyAround(tx, attendees(known), slotsToKnow(scene, command, known));
  const facts: Facts = { ...known, busy };
  const decision = decide(scene, command, now, facts);
  // Together on the wire, in this order.
  await Promise.all([
    saveChanges(tx, [{ before: scene, after: decision.scene, facts }], now), tell(tx, [{ facts: known, events: decision.events }]),
  ]);
  return { ...decision, facts };
}

export const perform = (deps: PerformDeps, command: About, ifVersion?: number): Promise<Performed | Unknown | Stale> =>
  deps.db.transaction((tx) => performIn(tx, deps, command, ifVersion));

/** What a command is about: the open request with all its lessons, or the lessons that a new one would claim. */
async function readScene(tx: Tx, command: About, packageId: string): Promise<Scene | undefined> {
  const [lesson] = command.lessonId === undefined ? [] : await lessonsById(tx, [command.lessonId]);
  const isNew = command.type === 'request' || command.type === 'extend-limit';
  const requestId = isNew || command.requestId === undefined ? lesson?.requestId : command.requestId;
  if (requestId === undefined) {
    if (lesson === undefined) return undefined;
    const series = command.type === 'request' && command.scope === 'series' && lesson.status === 'scheduled';
    return { requests: [], lessons: series ? regularFrom(lesson, await scheduledLessons(tx, packageId)) : [lesson] };
  }
  const [requests, lessons] = await Promise.all([readRequests(tx, [requestId]), lessonsOfRequests(tx, [requestId])]);
  if (requests.length === 0) return undefined;
  return { requests, lessons: lesson === undefined || lessons.some(({ id }) => id === lesson.id) ? lessons : [...lessons, lesson] };
}

function versionOf(scene: Scene, command: About): number {
  if (command.lessonId !== undefined) return scene.lessons.find(({ id }) => id === command.lessonId)?.version ?? 0;
  return scene.requests[0]?.version ?? 0;
}
