import { classifyDatabaseError, type Tx } from '@schoolbell/service-kit';
import { timeZoneDatabaseVersion } from '@schoolbell/time/zones';
import { attendees } from '../moves/claims.ts';
import { decide } from '../moves/decide.ts';
import { slotsToKnow } from '../moves/slots.ts';
import type { Busy, Scene } from '../moves/state.ts';
import { findParticipants } from '../people/store.ts';
import { lockDue, lockPeopleOf, readFacts, type PackageFacts, type PackageRow } from './packages.ts';
import type { PerformDeps } from './perform.ts';
import { peopleOf } from './readers.ts';
import { saveChanges, type Change } from './save.ts';
import { busyAround, dueLessons, lessonsOfRequests, readRequests } from './scenes.ts';

/**
 * Carries out what is due, in batches of packages that nobody else holds. It takes the same locks in the same order as a
 * command and sends the same pure `decide` the command `tick`; any number of replicas may do so at once.
 */

/** Packages of one transaction: enough to share its costs, few enough that no command waits long. */
export const POLL_PACKAGES = 64;
/** Due lessons that are looked at to find them; more, so that several replicas find different ones. */
const POLL_WINDOW = 1024;

export interface Polled {
  /** Packages that were looked at: none when nothing is due that nobody else has in hand. */
  readonly packages: number;
  /** Lessons that something was done about. */
  readonly lessons: number;
  /** Milliseconds that the oldest of them was late. */
  readonly lateMs: number;
}

/** Something about one of these packages; the database itself is well. Nothing was written. */
export class PollFailure extends Error {
  readonly code = 'poll-failed';
  readonly packageIds: readonly string[];
  constructor(packageIds: readonly string[], cause: unknown) {
    super(`the deadlines of ${packageIds.length} packages could not be carried out`, { cause });
    this.packageIds = packageIds;
  }
}

/** @throws {PollFailure} when a decision or its storing fails; other errors come from a database that is away. */
export async function poll(deps: PerformDeps, { limit = POLL_PACKAGES, without = [] as readonly string[] } = {}): Promise<Polled> {
  let taken: readonly string[] = [];
  try {
    return await deps.db.transaction(async (tx) => {
      const packages = await lockDue(tx, deps.clock.now(), { window: POLL_WINDOW, limit, without });
      taken = packages.map(({ id }) => id);
      if (packages.length === 0) return { packages: 0, lessons: 0, lateMs: 0 };
      const { lessons, now } = await carryOut(tx, deps, packages);
      return { packages: packages.length, lessons, lateMs: now - Math.min(...packages.map(({ dueAt }) => dueAt.getTime())) };
    });
  } catch (error) {
    if (taken.length === 0 || classifyDatabaseError(error) === 'unavailable') throw error;
    throw new PollFailure(taken, error);
  }
}

async function carryOut(tx: Tx, { clock, tell }: PerformDeps, packages: readonly PackageRow[]): Promise<{ lessons: number; now: number }> {
  const seats = await lockPeopleOf(tx, packages);
  const now = clock.now();
  const [known, scenes] = await Promise.all([
    readFacts(tx, packages, seats, timeZoneDatabaseVersion()),
    dueScenes(tx, packages.map(({ id }) => id), now),
  ]);
  const [busy, readers] = await Promise.all([
    readBusy(tx, scenes, known), findParticipants(tx, [...new Set([...known.values()].flatMap(peopleOf).map(({ id }) => id))]),
  ]);
  const decided = scenes.map(({ packageId, scene }) => {
    const facts = { ...(known.get(packageId) as PackageFacts), busy };
    return { before: scene, facts, ...decide(scene, { type: 'tick' }, now, facts) };
  });
  for (const { scene } of decided) mustGoOn(scene, now);
  saveChanges(tx, decided.map(({ before, scene, facts }): Change => ({ before, after: scene, facts })), now);
  await tell(tx, decided.map(({ facts, events, scene }) => ({ facts, events, scene, readers })));
  return { lessons: scenes.reduce((sum, { scene }) => sum + scene.lessons.length, 0), now };
}

/** Else the poller would take the same lesson for ever. */
function mustGoOn({ lessons }: Scene, now: number): void {
  const stuck = lessons.find(({ next }) => next !== undefined && next.at <= now);
  if (stuck !== undefined) throw new Error(`lesson ${stuck.id} is still due after its ${stuck.next?.kind}`);
}

interface DueScene {
  readonly packageId: string;
  readonly scene: Scene;
}

/** Each open request with something due is a scene; lessons without a request are one for each package. */
async function dueScenes(tx: Tx, packageIds: readonly string[], now: number): Promise<DueScene[]> {
  const due = await dueLessons(tx, packageIds, now);
  const requestIds = [...new Set(due.flatMap(({ requestId }) => requestId ?? []))];
  const [requests, claimed] = requestIds.length === 0
    ? [[], []]
    : await Promise.all([readRequests(tx, requestIds), lessonsOfRequests(tx, requestIds)]);
  const claimedBy = Map.groupBy(claimed, ({ requestId }) => requestId);
  const alone = Map.groupBy(due.filter(({ requestId }) => requestId === undefined), ({ packageId }) => packageId);
  return [
    ...requests.map((request) => ({
      packageId: request.packageId, scene: { requests: [request], lessons: claimedBy.get(request.id) ?? [] },
    })),
    ...[...alone].map(([packageId, lessons]) => ({ packageId, scene: { requests: [], lessons } })),
  ];
}

/** Time alone takes no new slot, so it is enough to know who is busy at the slots that are held already. */
async function readBusy(tx: Tx, scenes: readonly DueScene[], known: ReadonlyMap<string, PackageFacts>): Promise<Busy[]> {
  const requested = scenes.filter(({ scene }) => scene.requests.length > 0);
  const facts = requested.map(({ packageId }) => known.get(packageId) as PackageFacts);
  const slots = requested.flatMap(({ scene }, index) => slotsToKnow(scene, { type: 'tick' }, facts[index] as PackageFacts));
  return busyAround(tx, [...new Set(facts.flatMap(attendees))], slots);
}
