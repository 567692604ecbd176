import { formatInstant } from '@schoolbell/time';
import { addToDate, toLocal } from '@schoolbell/time/zones';
import { endContract, findContract } from '../../src/contracts/store.ts';
import { joinGroup, leaveGroup } from '../../src/packages/change.ts';
import { refreshPackage } from '../../src/packages/open.ts';
import { cancelPackage, freeze, resume } from '../../src/packages/rest.ts';
import { putParticipant } from '../../src/people/store.ts';
import { rederiveAll } from '../../src/rederive/job.ts';
import type { PerformDeps } from '../../src/store/perform.ts';
import type { Parts } from '../database.ts';
import { manager } from '../scene.ts';
import type { Step } from '../steps.ts';
import type { World } from '../world.ts';

/** What happens around the negotiations: people move, contracts end, packages rest, clocks of whole countries change. */
export type Upheaval = 'zone' | 'contract' | 'rest' | 'seat' | 'cancel' | 'tz-database' | 'stop' | 'crash';

const ZONES = ['Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'America/St_Johns'];
const WEEKS_MAX = 9;
const RARE = 400;
const EVERY = 16;
const KINDS: readonly Upheaval[] = ['zone', 'contract', 'contract', 'rest', 'rest', 'seat', 'tz-database', 'stop', 'crash'];

/** One step in some is an upheaval, a cancelled package one in hundreds. */
export function upheavalOf({ upheaval }: Step): Upheaval | undefined {
  if (upheaval % RARE === 1) return 'cancel';
  return upheaval % EVERY === 0 ? KINDS[Math.floor(upheaval / EVERY) % KINDS.length] : undefined;
}

export async function cause(what: Upheaval, step: Step, world: World, deps: PerformDeps, parts: Parts): Promise<void> {
  const packages = [...world.packages.values()];
  const { packageId, kind, seats, frozenSince } = packages[step.which % packages.length] as (typeof packages)[number];
  switch (what) {
    case 'zone': return moveAway(step, deps);
    case 'contract': return changeContract(step, deps, parts);
    case 'rest':
      await deps.db.transaction((tx) => (frozenSince === undefined ? freeze(tx, deps, packageId, manager, 'holidays') : resume(tx, deps, packageId, manager)));
      return;
    case 'seat':
      if (kind !== 'group') return;
      await deps.db.transaction(async (tx) => (seats.length > 2 || (seats.length > 0 && step.time % 3 === 0)
        ? leaveGroup(tx, deps, packageId, seats[step.who % seats.length]?.studentId ?? '', manager)
        : joinGroup(tx, deps, packageId, { studentId: ['bob', 'carl', 'dora'][step.who % 3] ?? 'bob', partnerId: 'paul' }, manager)));
      return;
    case 'cancel':
      await deps.db.transaction((tx) => cancelPackage(tx, deps, packageId, manager, 'refunded'));
      return;
    case 'tz-database': return changeRules(packageId, deps, parts);
    case 'stop':
    case 'crash':
  }
}

/** Nothing moves by it. */
async function moveAway({ who, time }: Step, { db, clock }: PerformDeps): Promise<void> {
  const id = ['anna', 'bob', 'carl', 'dora'][who % 4] as string;
  await db.transaction((tx) => putParticipant(tx, { id, role: 'student', zone: ZONES[time % ZONES.length] as string, locale: 'ru' }, clock.now()));
}

/** As PUT /v1/contracts/:id/last-day does it: shortened, prolonged or open-ended. */
async function changeContract({ time }: Step, deps: PerformDeps, { sql, clock }: Parts): Promise<void> {
  const [row] = await sql<{ id: string; zone: string }>("SELECT id, zone FROM teacher_contract WHERE teacher_id = 'tom'");
  if (row === undefined) return;
  const today = toLocal(clock.now(), row.zone).date;
  const lastDay = time % 3 === 0 ? undefined : addToDate(today, { days: (time % (WEEKS_MAX * 7)) - 3 });
  await deps.db.transaction(async (tx) => {
    const contract = await findContract(tx, row.id);
    if (contract !== undefined && (lastDay === undefined || lastDay >= contract.firstDay)) await endContract(tx, contract, lastDay);
  });
  for (const { id } of await sql<{ id: string }>('SELECT id FROM package')) await deps.db.transaction((tx) => refreshPackage(tx, deps, id));
}

/** Lessons ahead as if an older release had derived them, an hour off; then the job of the new one. */
async function changeRules(packageId: string, deps: PerformDeps, { sql, clock, db }: Parts): Promise<void> {
  const ahead = formatInstant(clock.now() + 2 * 3_600_000);
  const lessons = await sql<{ id: string }>(
    // One release asks about a lesson once.
    `SELECT id FROM lesson WHERE package_id = $1 AND status = 'scheduled' AND NOT keeps_instant AND starts_at > $2
        AND NOT EXISTS (SELECT FROM transition WHERE type = 'lesson.instant-kept' AND lesson.id = ANY (lesson_ids))`, [packageId, ahead]);
  const ids = lessons.map(({ id }) => id);
  const shift = (table: string, set: string) => ({ name: `simulation_shift_${table}`, text: `UPDATE ${table} SET ${set}` });
  const hour = "interval '1 hour'";
  try {
    await db.transaction(async (tx) => {
      await tx.query(shift('slot_claim', `during = tstzrange(lower(during) + ${hour}, upper(during) + ${hour}) WHERE lesson_id = ANY ($1::uuid[])`), [ids]);
      await tx.query(shift('lesson', `starts_at = starts_at + ${hour}, next_action_at = next_action_at + ${hour}, tz_version = '2000a' WHERE id = ANY ($1::uuid[])`), [ids]);
    });
  } catch (error) {
    // The hour was taken: no release would have derived it like this.
    if ((error as { code?: string }).code !== '23P01') throw error;
  }
  await rederiveAll(deps);
}
