import type { Database, Tx } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';
import { timeZoneDatabaseVersion } from '@schoolbell/time/zones';
import { attendees } from '../moves/claims.ts';
import type { Command } from '../moves/commands.ts';
import { decide, type Decision } from '../moves/decide.ts';
import type { MoveEvent, MoveEventType } from '../moves/events.ts';
import { regularFrom } from '../moves/plan.ts';
import { slotsToKnow } from '../moves/slots.ts';
import type { Facts, Scene } from '../moves/state.ts';
import { findParticipants } from '../people/store.ts';
import { lockOne, seatsAt, type PackageFacts } from './packages.ts';
import { peopleOf, type Reader } from './readers.ts';
import { saveChanges } from './save.ts';
import { busyAround, lessonsById, readThread, scheduledBeside } from './scenes.ts';

/** Carries out one command: lock, read the clock, decide, write, tell; all in one transaction. */

/** What came true in one package. */
export interface Told {
  readonly facts: PackageFacts;
  readonly events: readonly MoveEvent[];
  /** Lessons and requests as they are written, and the package's people: what is not given is read. */
  readonly scene?: Scene;
  readonly readers?: readonly Reader[];
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

/** What a report comes to. */
const WENT: readonly MoveEventType[] = ['lesson.missed', 'lesson.completed'];

type About = Command & { readonly lessonId?: string; readonly requestId?: string };

/** `ifVersion`: the version of the request, or of the lesson for commands about a lesson, that the caller has seen. */
export async function performIn(
  tx: Tx, { clock, tell }: Omit<PerformDeps, 'db'>, command: About, ifVersion?: number,
): Promise<Performed | Unknown | Stale> {
  const what = command.lessonId === undefined ? 'request' : 'lesson';
  // Reading travels with the locks: each statement is carried out when the ones before it are, and sees what was committed by then.
  const [known, scene] = await Promise.all([
    lockOne(tx, what, command.lessonId ?? command.requestId, timeZoneDatabaseVersion()), readScene(tx, command),
  ]);
  if (known === undefined || scene === undefined) return { unknown: what };
  // Only now: whoever waited for a lock must not decide by the time at which the wait began.
  const now = clock.now();
  const version = versionOf(scene, command);
  if (ifVersion !== undefined && version !== ifVersion) return { stale: { version } };
  const [busy, readers] = await Promise.all([
    busyAround(tx, attendees(known), slotsToKnow(scene, command, known)), findParticipants(tx, peopleOf(known).map(({ id }) => id)),
  ]);
  const reported = command.type === 'report' ? scene.lessons.find(({ id }) => id === command.lessonId) : undefined;
  const facts: Facts = { ...known, busy, ...(reported === undefined ? {} : { seatsThen: await seatsAt(tx, known.packageId, reported.start) }) };
  const decision = decide(scene, command, now, facts);
  saveChanges(tx, [{ before: scene, after: decision.scene, facts }], now);
  // How a lesson went is told to those who were in it.
  const isWent = ({ type }: MoveEvent): boolean => reported !== undefined && WENT.includes(type);
  const were = { ...known, teacherId: reported?.teacherId ?? known.teacherId, seats: facts.seatsThen ?? known.seats };
  await tell(tx, [
    { facts: known, events: decision.events.filter((event) => !isWent(event)), scene: decision.scene, readers },
    { facts: were, events: decision.events.filter(isWent), scene: decision.scene },
  ]);
  return { ...decision, facts };
}

export const perform = (deps: PerformDeps, command: About, ifVersion?: number): Promise<Performed | Unknown | Stale> =>
  deps.db.transaction((tx) => performIn(tx, deps, command, ifVersion));

/** What a command is about: the open request with all its lessons, or the lessons that a new one would claim. */
async function readScene(tx: Tx, command: About): Promise<Scene | undefined> {
  const isNew = command.type === 'request' || command.type === 'extend-limit';
  const ofThread = isNew ? undefined : command.requestId;
  const isSeries = command.type === 'request' && command.scope === 'series';
  const [[lesson], scheduled, thread] = await Promise.all([
    command.lessonId === undefined ? [] : lessonsById(tx, [command.lessonId]),
    isSeries ? scheduledBeside(tx, command.lessonId) : [],
    ofThread === undefined ? undefined : readThread(tx, ofThread),
  ]);
  const requestId = ofThread ?? lesson?.requestId;
  if (requestId === undefined) {
    if (lesson === undefined) return undefined;
    return { requests: [], lessons: isSeries && lesson.status === 'scheduled' ? regularFrom(lesson, scheduled) : [lesson] };
  }
  const { requests, lessons } = thread ?? (await readThread(tx, requestId));
  if (requests.length === 0) return undefined;
  return { requests, lessons: lesson === undefined || lessons.some(({ id }) => id === lesson.id) ? lessons : [...lessons, lesson] };
}

function versionOf(scene: Scene, command: About): number {
  if (command.lessonId !== undefined) return scene.lessons.find(({ id }) => id === command.lessonId)?.version ?? 0;
  return scene.requests[0]?.version ?? 0;
}
