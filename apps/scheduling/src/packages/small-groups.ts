import type { Database, Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import { timeZoneDatabaseVersion } from '@schoolbell/time/zones';
import { refuse } from '../moves/refusals.ts';
import type { Actor } from '../moves/state.ts';
import { SYSTEM } from '../moves/work.ts';
import { lockAll, readFacts, seatsOf, type PackageFacts } from '../store/packages.ts';
import { KIND_RULES } from './kinds.ts';
import { openPackage, packageEvent, type ChangeDeps, type Changed } from './open.ts';

/**
 * A group below two students: partners and managers are asked what to do, and again each day until a student joins, the
 * package is cancelled, or the manager lets it go on. Like a lesson it has its next action in its row.
 */
export const ASK_EVERY_MS = 24 * 3_600_000;

/** Days are counted from when it became small, so that an answer that comes late is not followed by a question at once. */
export const nextAskAt = (since: number, now: number): number => since + ASK_EVERY_MS * (Math.floor((now - since) / ASK_EVERY_MS) + 1);

const read = { name: 'scheduling_small_group', text: 'SELECT small_since AS "since", ask_at AS "askAt" FROM package WHERE id = $1' };
const write = { name: 'scheduling_ask_about_group', text: 'UPDATE package SET small_since = $2, ask_at = $3 WHERE id = $1' };
const due = {
  name: 'scheduling_groups_to_ask_about',
  text: 'SELECT id FROM package WHERE ask_at <= $1::timestamptz ORDER BY ask_at, id LIMIT 500',
};
const count = { name: 'scheduling_count_small_groups', text: 'SELECT count(*)::int AS groups FROM package WHERE ask_at IS NOT NULL' };
const goesOn = { name: 'scheduling_lessons_ahead', text: 'SELECT EXISTS (SELECT FROM lesson WHERE package_id = $1 AND next_action_at IS NOT NULL) AS "goesOn"' };
const raiseVersion = { name: 'scheduling_raise_package_version', text: 'UPDATE package SET version = version + 1 WHERE id = $1' };

async function sinceOf(tx: Tx, packageId: string): Promise<{ since: number; askAt: number } | undefined> {
  const [row] = await tx.query<{ since: Date | null; askAt: Date | null }>(read, [packageId]);
  return row?.since == null || row.askAt === null ? undefined : { since: row.since.getTime(), askAt: row.askAt.getTime() };
}

/** After seats changed, under the package's lock. */
export async function noteSize(tx: Tx, packageId: string, seats: number, now: number): Promise<void> {
  const small = seats < KIND_RULES.group.seats.min;
  const since = (await sinceOf(tx, packageId))?.since ?? now;
  await tx.query(write, [packageId, small ? formatInstant(since) : null, small ? formatInstant(nextAskAt(since, now)) : null]);
}

/** The manager lets a group go on with one student. */
export async function acceptSize(tx: Tx, deps: ChangeDeps, packageId: string, by: Actor, ifVersion?: number): Promise<Changed> {
  const opened = await openPackage(tx, deps, packageId, { ifVersion });
  if (opened === 'unknown' || 'stale' in opened) return opened;
  const { facts, now } = opened;
  if (facts.kind !== 'group') return refuse('not-a-group');
  if ((await sinceOf(tx, packageId)) === undefined) return refuse('group-not-small');
  if (facts.seats.length === 0) return refuse('group-empty');
  await tx.query(write, [packageId, null, null]);
  await tx.query(raiseVersion, [packageId]);
  await deps.tell(tx, [{ facts, events: [packageEvent('package.size-accepted', by, now, [])] }]);
  return undefined;
}

/** Asks again about every group whose time has come. Returns how many that were. */
export async function askAgain(deps: ChangeDeps & { readonly db: Database }): Promise<number> {
  const rows = await deps.db.query<{ id: string }>(due, [formatInstant(deps.clock.now())]);
  let asked = 0;
  for (const { id } of rows) if (await deps.db.transaction((tx) => askAbout(tx, deps, id))) asked += 1;
  return asked;
}

async function askAbout(tx: Tx, { clock, tell }: ChangeDeps, id: string): Promise<boolean> {
  const rows = await lockAll(tx, [id]);
  const now = clock.now();
  const small = await sinceOf(tx, id);
  // Another replica was faster, or somebody has answered.
  if (small === undefined || small.askAt > now) return false;
  const [lessons] = await tx.query<{ goesOn: boolean }>(goesOn, [id]);
  if (lessons?.goesOn !== true) {
    await tx.query(write, [id, null, null]);
    return false;
  }
  await tx.query(write, [id, formatInstant(small.since), formatInstant(nextAskAt(small.since, now))]);
  const facts = (await readFacts(tx, rows, await seatsOf(tx, rows), timeZoneDatabaseVersion())).get(id) as PackageFacts;
  await tell(tx, [{ facts, events: [packageEvent('package.too-small', SYSTEM, now, [])] }]);
  return true;
}

export const countSmallGroups = async (db: Database): Promise<number> => (await db.query<{ groups: number }>(count, []))[0]?.groups ?? 0;
