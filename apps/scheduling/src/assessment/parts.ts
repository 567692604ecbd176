import type { Tx } from '@schoolbell/service-kit';
import { formatInstant, type Clock } from '@schoolbell/time';
import { timeZoneDatabaseVersion } from '@schoolbell/time/zones';
import type { MoveEvent } from '../moves/events.ts';
import { refuse } from '../moves/refusals.ts';
import { isOpen } from '../packages/kinds.ts';
import type { Changed } from '../packages/open.ts';
import type { Actor } from '../moves/state.ts';
import { lockAll, readFacts, seatsOf, type PackageFacts } from '../store/packages.ts';
import type { Tell } from '../store/perform.ts';

/** An assessment has three parts: a test, which the learner's result completes, an essay and an online lesson. */
export const PARTS = ['test', 'essay', 'lesson'] as const;
export type Part = (typeof PARTS)[number];

const read = { name: 'scheduling_parts', text: 'SELECT parts_done AS "partsDone" FROM package WHERE id = $1' };
const write = {
  name: 'scheduling_write_parts',
  text: `UPDATE package SET parts_done = $2::jsonb, state = $3, frozen_at = CASE WHEN $3 = 'frozen' THEN frozen_at END, version = version + 1 WHERE id = $1`,
};

/** Marks a part as done, once; with the last one the package completes. Undefined also when it was done before. */
export async function completePart(
  tx: Tx, { clock, tell }: { clock: Clock; tell: Tell }, packageId: string, part: Part, by: Actor, ifVersion?: number,
): Promise<Changed> {
  const [row] = await lockAll(tx, [packageId]);
  if (row === undefined) return 'unknown';
  if (ifVersion !== undefined && row.version !== ifVersion) return { stale: { version: row.version } };
  if (row.kind !== 'assessment') return refuse('not-an-assessment');
  const [known] = await tx.query<{ partsDone: Partial<Record<Part, string>> }>(read, [packageId]);
  if (known?.partsDone[part] !== undefined) return undefined;
  // What was done is done, also while the package rests.
  if (known === undefined || !isOpen(row.state)) return refuse('package-not-active');
  const now = clock.now();
  const partsDone = { ...known.partsDone, [part]: formatInstant(now) };
  const complete = PARTS.every((one) => partsDone[one] !== undefined);
  await tx.query(write, [packageId, JSON.stringify(partsDone), complete ? 'completed' : row.state]);
  const facts = (await readFacts(tx, [row], await seatsOf(tx, [row]), timeZoneDatabaseVersion())).get(packageId) as PackageFacts;
  const event = (type: MoveEvent['type'], reason?: string): MoveEvent => ({ type, at: now, by, lessons: [], ...(reason === undefined ? {} : { reason }) });
  await tell(tx, [{ facts, events: [event('package.part-done', part), ...(complete ? [event('package.completed')] : [])] }]);
  return undefined;
}
