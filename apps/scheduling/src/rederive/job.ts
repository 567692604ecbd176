import { randomUUID } from 'node:crypto';
import { classifyDatabaseError, createPeriodic, type Log, type Periodic, type Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import { timeZoneDatabaseVersion } from '@schoolbell/time/zones';
import { attendees } from '../moves/claims.ts';
import type { Lesson, Scene, Seat } from '../moves/state.ts';
import { lockAll, lockPeopleOf, readFacts, readPackages, seatsOf, type PackageFacts, type PackageRow } from '../store/packages.ts';
import type { PerformDeps } from '../store/perform.ts';
import { saveChanges } from '../store/save.ts';
import { busyAround, lessonsOfRequests, lessonsToDerive, packagesToDerive, readRequests } from '../store/scenes.ts';
import { rederive } from './apply.ts';
import { rederiveBounds, type Onlooker } from './bounds.ts';
import { componentsOf } from './components.ts';
import { createFailures, type FailuresDeps } from './failures.ts';
import { leading } from './lead.ts';
import { shiftsOf, shiftsToMake, type Shift, type Subject } from './plan.ts';

/** Finds lessons that a new release of the time-zone database derives differently, and carries the design's rule out. */

const HEARTBEAT_EVERY_MS = 10_000;
/** A replica that was not seen for so long is gone. */
const REPLICA_GONE_MS = 60_000;
/** Packages looked at in one go. */
const PAGE = 200;
/** Ids that a failure names. */
const NAMED_MAX = 20;

const heartbeat = {
  name: 'scheduling_heartbeat',
  text: `INSERT INTO replica (id, tz_version, seen_at) VALUES ($1, $2, $3)
         ON CONFLICT (id) DO UPDATE SET tz_version = excluded.tz_version, seen_at = excluded.seen_at`,
};
const forget = { name: 'scheduling_forget_replicas', text: 'DELETE FROM replica WHERE seen_at < $1 OR id = $2' };
const others = { name: 'scheduling_other_versions', text: 'SELECT count(*)::int AS count FROM replica WHERE tz_version <> $1 AND seen_at >= $2' };
const stamp = { name: 'scheduling_stamp_tz_version', text: 'UPDATE lesson SET tz_version = $2 WHERE id = ANY ($1::uuid[]) AND tz_version <> $2' };

const NOBODY: Onlooker = {
  goesOn: () => Promise.resolve(true),
  failed(_ids, cause) {
    throw cause;
  },
};

/** Everything that is still derived by another release. Returns how many lessons change by it. */
export async function rederiveAll(deps: PerformDeps, version: string = timeZoneDatabaseVersion(), onlooker: Onlooker = NOBODY): Promise<number> {
  const { db, clock } = deps;
  if (!(await rederiveBounds(deps, version, onlooker))) return 0;
  const affected: Affected[] = [];
  const aside: string[] = [];
  const setAside: Onlooker['failed'] = (ids, cause) => {
    aside.push(...ids);
    onlooker.failed(ids, cause);
  };
  for (;;) {
    if (!(await onlooker.goesOn())) return 0;
    const known = [...affected.map(({ id }) => id), ...aside];
    const ids = await db.transaction((tx) => packagesToDerive(tx, version, clock.now(), known, PAGE));
    if (ids.length === 0) break;
    affected.push(...(await lookAt(deps, ids, version, setAside)));
  }
  let changed = 0;
  for (const component of componentsOf(affected, ({ people }) => people)) {
    if (!(await onlooker.goesOn())) break;
    const ids = component.map(({ id }) => id);
    try {
      changed += await db.transaction((tx) => rederiveTogether(tx, deps, ids, version));
    } catch (error) {
      if (classifyDatabaseError(error) === 'unavailable') throw error;
      onlooker.failed(ids, error);
    }
  }
  return changed;
}

interface Affected {
  readonly id: string;
  readonly people: string[];
}

/** Where packages fail together, each half by itself: one whose zone is gone holds up no other. */
async function lookAt(deps: PerformDeps, ids: readonly string[], version: string, failed: Onlooker['failed']): Promise<Affected[]> {
  try {
    return await deps.db.transaction((tx) => lookAtPage(tx, ids, version, deps.clock.now()));
  } catch (error) {
    if (classifyDatabaseError(error) === 'unavailable') throw error;
    if (ids.length === 1) {
      failed(ids, error);
      return [];
    }
    const half = ids.length >> 1;
    return [...(await lookAt(deps, ids.slice(0, half), version, failed)), ...(await lookAt(deps, ids.slice(half), version, failed))];
  }
}

/** Without locks: which packages have lessons that change. All others of the page are marked as derived. */
async function lookAtPage(tx: Tx, ids: readonly string[], version: string, now: number): Promise<Affected[]> {
  const packages = await readPackages(tx, ids);
  const seats = await seatsOf(tx, packages);
  const { subjects, shifts } = await readSubjects(tx, packages, seats, version, now);
  const differs = (subject: Subject): boolean => changes(subject, shifts);
  const concerned = new Set(subjects.filter(differs).map(({ lesson }) => lesson.packageId));
  await tx.query(stamp, [subjects.filter((subject) => !differs(subject)).map(({ lesson }) => lesson.id), version]);
  return packages.filter(({ id }) => concerned.has(id)).map(({ id, teacherId }) => ({ id, people: attendees({ teacherId, seats: seats.get(id) ?? [] }) }));
}

/** Something of it is derived differently, or an older release asks about it: then the question ends, whether or not there is another one. */
const changes = ({ lesson, request }: Subject, shifts: ReadonlyMap<string, readonly Shift[]>): boolean =>
  (shifts.get(lesson.id) ?? []).length > 0 || (request?.origin === 'tz-database' && request.status === 'offered');

async function readSubjects(
  tx: Tx, packages: readonly PackageRow[], seats: ReadonlyMap<string, readonly Seat[]>, version: string, now: number,
): Promise<{ known: Map<string, PackageFacts>; subjects: Subject[]; shifts: Map<string, Shift[]> }> {
  const known = await readFacts(tx, packages, seats, version);
  const lessons = await lessonsToDerive(tx, packages.map(({ id }) => id), version, now);
  const requestIds = [...new Set(lessons.flatMap(({ requestId }) => requestId ?? []))];
  const requests = new Map((await readRequests(tx, requestIds)).map((request) => [request.id, request]));
  const subjects = lessons.map((lesson): Subject => ({
    lesson, request: requests.get(lesson.requestId ?? ''), facts: known.get(lesson.packageId) as PackageFacts,
  }));
  return { known, subjects, shifts: new Map(subjects.map((subject) => [subject.lesson.id, shiftsOf(subject, now)])) };
}

/** One connected set of people in one transaction; held slots of its lessons that end are deleted before any is made. */
async function rederiveTogether(tx: Tx, { clock, tell }: PerformDeps, packageIds: readonly string[], version: string): Promise<number> {
  const packages = await lockAll(tx, packageIds);
  const seats = await lockPeopleOf(tx, packages);
  const now = clock.now();
  const { known, subjects, shifts } = await readSubjects(tx, packages, seats, version, now);
  const affected = subjects.filter((subject) => changes(subject, shifts));
  if (affected.length === 0) return 0;
  const ids = new Set(affected.map(({ lesson }) => lesson.id));
  const persons = [...new Set(packages.flatMap(({ id }) => attendees(known.get(id) as PackageFacts)))];
  const busy = (await busyAround(tx, persons, [...shifts.values()].flat().map(({ to }) => to))).filter(({ lessonId }) => !ids.has(lessonId));
  const all = affected.flatMap(({ lesson }) => shifts.get(lesson.id) ?? []);
  const made = shiftsToMake(affected, all, busy, now);
  const beside = (await lessonsOfRequests(tx, [...new Set(affected.flatMap(({ request }) => request?.id ?? []))])).filter(({ id }) => !ids.has(id));
  const decided = scenesOf(affected, beside).map(({ packageId, scene }) => {
    const facts = { ...(known.get(packageId) as PackageFacts), busy };
    const own = all.filter(({ lessonId }) => scene.lessons.some(({ id }) => id === lessonId));
    return { before: scene, facts, ...rederive(scene, own, made, now, facts) };
  });
  saveChanges(tx, decided.map(({ before, scene, facts }) => ({ before, after: scene, facts })), now);
  await tell(tx, decided.map(({ facts, events, scene }) => ({ facts, events, scene })));
  return affected.length;
}

/** A request makes one scene with all its lessons, the ones that stay among them; each other lesson is one of its own. */
function scenesOf(subjects: readonly Subject[], beside: readonly Lesson[]): { packageId: string; scene: Scene }[] {
  const others = Map.groupBy(beside, ({ requestId }) => requestId);
  return [...Map.groupBy(subjects, ({ lesson }) => lesson.requestId ?? lesson.id)].map(([id, group]) => ({
    packageId: group[0]?.facts.packageId ?? '',
    scene: {
      lessons: [...group.map(({ lesson }) => lesson), ...(others.get(id) ?? [])],
      requests: [...new Set(group.flatMap(({ request }) => request ?? []))],
    },
  }));
}

export type RederiveDeps = PerformDeps & FailuresDeps & { readonly log: Log };

/** One beat of the replica with this id: it tells others which release it has, and does the work once all have the same. */
export function createBeat(deps: RederiveDeps, id: string): (signal: AbortSignal) => Promise<void> {
  const { db, clock, log } = deps;
  const version = timeZoneDatabaseVersion();
  const failures = createFailures(deps);

  /** Is this replica seen, and does nobody have another release? Then all have this one. */
  async function allHaveIt(): Promise<boolean> {
    const now = clock.now();
    await db.query(heartbeat, [id, version, formatInstant(now)]);
    const [behind] = await db.query<{ count: number }>(others, [version, formatInstant(now - REPLICA_GONE_MS)]);
    return behind?.count === 0;
  }

  async function lead(signal: AbortSignal): Promise<true> {
    await db.query(forget, [formatInstant(clock.now() - REPLICA_GONE_MS), null]);
    const failed = new Set<string>();
    let ended = true;
    const changed = await rederiveAll(deps, version, {
      async goesOn() {
        ended = !signal.aborted && (await allHaveIt());
        return ended;
      },
      failed(ids, err) {
        for (const one of ids) failed.add(one);
        log.error({ err, count: ids.length, ids: ids.slice(0, NAMED_MAX) }, 'lessons of people who share lessons, or what bounds them, cannot be derived anew');
      },
    });
    if (changed > 0) log.info({ changed, version }, 'lessons were derived by a new release of the time-zone database');
    await failures.ran(failed, ended);
    return true;
  }

  return async (signal) => {
    if (!(await allHaveIt())) return;
    if ((await leading(db, () => lead(signal))) === undefined) failures.follow();
  };
}

export function createRederivation(deps: RederiveDeps): Periodic {
  const { db, log } = deps;
  const id = randomUUID();
  const job = createPeriodic({ name: 'rederive', everyMs: HEARTBEAT_EVERY_MS, log, run: createBeat(deps, id) });
  return {
    start: () => job.start(),
    async stop() {
      await job.stop();
      await db.query(forget, [formatInstant(0), id]).catch((err: unknown) => log.warn({ err }, 'this replica could not sign off'));
    },
  };
}
