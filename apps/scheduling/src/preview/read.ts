import type { Database, Tx } from '@schoolbell/service-kit';
import { timeZoneDatabaseVersion, type Interval } from '@schoolbell/time/zones';
import { attendees } from '../moves/claims.ts';
import { regularFrom } from '../moves/plan.ts';
import type { Facts, Lesson, Scene } from '../moves/state.ts';
import type { Scope } from '../packages/kinds.ts';
import { readFacts, readPackage, seatsOf, type PackageFacts } from '../store/packages.ts';
import { busyAround, lessonsById, readThread, scheduledBeside } from '../store/scenes.ts';

/** What a preview looks at: the same scene and facts as a decision, read without locks. It promises nothing. */
export interface Glance {
  readonly scene: Scene;
  readonly chosen: Lesson;
  readonly facts: PackageFacts;
  /** Who is busy around these slots. */
  busyAt(slots: readonly Interval[]): Promise<Facts['busy']>;
}

const packageOf = { name: 'scheduling_glance_package', text: 'SELECT package_id AS "packageId" FROM lesson WHERE id = $1' };

export function glance<T>(db: Database, lessonId: string, scope: Scope, look: (glance: Glance) => Promise<T>): Promise<T | undefined> {
  return db.transaction(async (tx) => {
    const [found] = await tx.query<{ packageId: string }>(packageOf, [lessonId]);
    if (found === undefined) return undefined;
    const row = await readPackage(tx, found.packageId);
    const seats = await seatsOf(tx, [row]);
    const facts = (await readFacts(tx, [row], seats, timeZoneDatabaseVersion())).get(row.id) as PackageFacts;
    const scene = await readScene(tx, lessonId, scope);
    const chosen = scene.lessons.find(({ id }) => id === lessonId) as Lesson;
    return look({ scene, chosen, facts, busyAt: (slots) => busyAround(tx, attendees(facts), slots) });
  });
}

async function readScene(tx: Tx, lessonId: string, scope: Scope): Promise<Scene> {
  const [lesson] = await lessonsById(tx, [lessonId]);
  const chosen = lesson as Lesson;
  if (chosen.requestId !== undefined) return readThread(tx, chosen.requestId);
  const series = scope === 'series' && chosen.status === 'scheduled';
  return { requests: [], lessons: series ? regularFrom(chosen, await scheduledBeside(tx, lessonId)) : [chosen] };
}
