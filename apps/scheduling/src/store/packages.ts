import type { Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import type { Interval } from '@schoolbell/time/zones';
import { whyUnavailable, type WorkingHours } from '../availability/working-hours.ts';
import { joinContracts } from '../contracts/join.ts';
import type { Facts, Seat } from '../moves/state.ts';
import type { PackageKind, PackageState } from '../packages/kinds.ts';

/** A package as decisions need it, read under its lock. */
export interface PackageRow {
  readonly id: string;
  readonly kind: PackageKind;
  readonly zone: string;
  readonly teacherId: string;
  readonly limitAt: Date;
  readonly state: PackageState;
  readonly frozenAt: Date | null;
  readonly version: number;
}
const COLUMNS = 'id, kind, zone, teacher_id AS "teacherId", limit_at AS "limitAt", state, frozen_at AS "frozenAt", version';

// Whoever changes anything of a package holds its row first, then the advisory locks of its people, sorted; then reads
// the clock. The poller takes what nobody holds.
const lockPackages = {
  name: 'scheduling_lock_packages',
  text: `SELECT ${COLUMNS}
           FROM package WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE`,
};
const lockOf = (table: 'lesson' | 'move_request') => ({
  name: `scheduling_lock_package_of_${table}`,
  text: `SELECT ${COLUMNS}
           FROM package WHERE id = (SELECT package_id FROM ${table} WHERE id = $1) FOR UPDATE`,
});
const lockPackageOf = { lesson: lockOf('lesson'), request: lockOf('move_request') };
// What was due first comes first; what another replica holds is left to it.
const lockDuePackages = {
  name: 'scheduling_lock_due_packages',
  text: `SELECT ${COLUMNS}, due_at AS "dueAt"
           FROM package
           JOIN (SELECT package_id, min(next_action_at) AS due_at
                   FROM (SELECT package_id, next_action_at FROM lesson WHERE next_action_at <= $1::timestamptz AND package_id <> ALL ($4::uuid[])
                          ORDER BY next_action_at, id LIMIT $2) AS first
                  GROUP BY package_id) AS due ON due.package_id = package.id
          ORDER BY due_at LIMIT $3 FOR UPDATE OF package SKIP LOCKED`,
};
const readSeats = {
  name: 'scheduling_read_seats',
  text: `SELECT package_id AS "packageId", student_id AS "studentId", partner_id AS "partnerId"
           FROM seat WHERE package_id = ANY ($1::uuid[]) AND left_at IS NULL ORDER BY package_id, student_id`,
};
// Sorted by the database, so that everybody who locks sorts alike.
const lockPeople = {
  name: 'scheduling_lock_people',
  text: `SELECT pg_advisory_xact_lock(hashtextextended(person, 7265))
           FROM (SELECT DISTINCT person COLLATE "C" AS person FROM unnest($1::text[]) AS person ORDER BY 1) AS sorted`,
};
const CONTRACTS = 'SELECT teacher_id AS "teacherId", starts_at AS "start", ends_at AS "end" FROM teacher_contract';
const HOURS = 'SELECT teacher_id AS "teacherId", zone, hours, days_off AS "daysOff" FROM working_hours';
const teacherOf = (table: string): string => `(SELECT teacher_id FROM package WHERE id = (SELECT package_id FROM ${table} WHERE id = $1))`;
const aroundThe = (table: 'lesson' | 'move_request') => ({
  seats: {
    name: `scheduling_read_seats_of_${table}`,
    text: `SELECT package_id AS "packageId", student_id AS "studentId", partner_id AS "partnerId"
             FROM seat WHERE package_id = (SELECT package_id FROM ${table} WHERE id = $1) AND left_at IS NULL ORDER BY student_id`,
  },
  people: {
    name: `scheduling_lock_people_of_${table}`,
    text: `SELECT pg_advisory_xact_lock(hashtextextended(person, 7265))
             FROM (SELECT DISTINCT person COLLATE "C" AS person
                     FROM package LEFT JOIN seat ON seat.package_id = package.id AND seat.left_at IS NULL,
                          unnest(ARRAY[package.teacher_id, seat.student_id]) AS person
                    WHERE package.id = (SELECT package_id FROM ${table} WHERE id = $1) AND person IS NOT NULL ORDER BY 1) AS sorted`,
  },
  contracts: { name: `scheduling_read_contracts_of_${table}`, text: `${CONTRACTS} WHERE teacher_id = ${teacherOf(table)}` },
  hours: { name: `scheduling_read_hours_of_${table}`, text: `${HOURS} WHERE teacher_id = ${teacherOf(table)}` },
});
const around = { lesson: aroundThe('lesson'), request: aroundThe('move_request') };
const readContracts = { name: 'scheduling_read_contracts', text: `${CONTRACTS} WHERE teacher_id = ANY ($1::text[])` };
const readHours = { name: 'scheduling_read_hours', text: `${HOURS} WHERE teacher_id = ANY ($1::text[])` };
interface ContractRow {
  readonly teacherId: string;
  readonly start: Date;
  readonly end: Date;
}
type HoursRow = WorkingHours & { readonly teacherId: string };
type TeacherFacts = Pick<Facts, 'contracts' | 'unavailable'>;

/** What decisions know of a package, without the slots that others hold. */
export type PackageFacts = Omit<Facts, 'busy'>;

export const lockAll = (tx: Tx, packageIds: readonly string[]): Promise<PackageRow[]> =>
  tx.query<PackageRow>(lockPackages, [packageIds]);

/**
 * The package of a lesson or request with its people, locked; undefined when there is no such thing. A lesson never changes
 * its package. The statements travel together and are carried out one after the other, so each sees what was committed
 * while the ones before it waited.
 */
export async function lockOne(
  tx: Tx, of: 'lesson' | 'request', id: string | undefined, tzVersion: string,
): Promise<PackageFacts | undefined> {
  const [[row], seats, , contracts, hours] = await Promise.all([
    tx.query<PackageRow>(lockPackageOf[of], [id]), tx.query<Seat>(around[of].seats, [id]), tx.query(around[of].people, [id]),
    tx.query<ContractRow>(around[of].contracts, [id]), tx.query<HoursRow>(around[of].hours, [id]),
  ]);
  return row === undefined ? undefined : factsOf(row, seats, teacherFacts(contracts, hours[0]), tzVersion);
}

/** Packages with something due that nobody else holds. Looks at the first `window` due lessons of packages not left out. */
export const lockDue = (
  tx: Tx, now: number, { window, limit, without }: { window: number; limit: number; without: readonly string[] },
): Promise<(PackageRow & { dueAt: Date })[]> => tx.query(lockDuePackages, [formatInstant(now), window, limit, without]);

const readSome = {
  name: 'scheduling_read_packages',
  text: `SELECT ${COLUMNS} FROM package WHERE id = ANY ($1::uuid[]) ORDER BY id`,
};

/** Without a lock: for looking, not for deciding. */
export const readPackages = (tx: Tx, ids: readonly string[]): Promise<PackageRow[]> => tx.query<PackageRow>(readSome, [ids]);

export async function readPackage(tx: Tx, id: string): Promise<PackageRow> {
  return (await readPackages(tx, [id]))[0] as PackageRow;
}

/** Active seats by package. */
export async function seatsOf(tx: Tx, packages: readonly PackageRow[]): Promise<Map<string, (Seat & { packageId: string })[]>> {
  const rows = await tx.query<Seat & { packageId: string }>(readSeats, [packages.map(({ id }) => id)]);
  return Map.groupBy(rows, ({ packageId }) => packageId);
}

const readSeatsAt = {
  name: 'scheduling_read_seats_at',
  text: `SELECT student_id AS "studentId", partner_id AS "partnerId"
           FROM seat WHERE package_id = $1 AND joined_at <= $2::timestamptz AND (left_at IS NULL OR left_at > $2::timestamptz) ORDER BY student_id`,
};
/** The seats that a package had at an instant. */
export const seatsAt = (tx: Tx, packageId: string, instant: number): Promise<Seat[]> => tx.query<Seat>(readSeatsAt, [packageId, formatInstant(instant)]);

/** Locks the people of packages that are locked already, and says who they are. */
export async function lockPeopleOf(tx: Tx, packages: readonly PackageRow[], more: readonly string[] = []): Promise<Map<string, Seat[]>> {
  const seats = await seatsOf(tx, packages);
  const students = [...seats.values()].flat().map(({ studentId }) => studentId);
  await lockPersons(tx, [...packages.map(({ teacherId }) => teacherId), ...students, ...more]);
  return seats;
}

/** Advisory locks of people, always in the same order: without it two bookings of one slot deadlock in the index. */
export async function lockPersons(tx: Tx, persons: readonly string[]): Promise<void> {
  await tx.query(lockPeople, [persons]);
}

/** Contracts and availability of one teacher. */
export async function readTeacher(tx: Tx, teacherId: string): Promise<TeacherFacts> {
  return (await readTeachers(tx, [teacherId]))(teacherId);
}

async function readTeachers(tx: Tx, teachers: readonly string[]): Promise<(teacherId: string) => TeacherFacts> {
  const [contractRows, hourRows] = await Promise.all([
    tx.query<ContractRow>(readContracts, [teachers]), tx.query<HoursRow>(readHours, [teachers]),
  ]);
  const contracts = Map.groupBy(contractRows, ({ teacherId }) => teacherId);
  const hours = new Map(hourRows.map((row) => [row.teacherId, row]));
  return (teacherId) => teacherFacts(contracts.get(teacherId) ?? [], hours.get(teacherId));
}

const teacherFacts = (contracts: readonly ContractRow[], worked: WorkingHours | undefined): TeacherFacts => ({
  contracts: joinContracts(contracts.map(({ start, end }) => ({ start: start.getTime(), end: end.getTime() }))),
  unavailable: (slot: Interval) => (worked === undefined ? undefined : whyUnavailable(slot, worked)),
});

/** What decisions know of packages; the tz database version is that of this process. */
export async function readFacts(
  tx: Tx, packages: readonly PackageRow[], seats: ReadonlyMap<string, readonly Seat[]>, tzVersion: string,
): Promise<Map<string, PackageFacts>> {
  const teacherOf = await readTeachers(tx, [...new Set(packages.map(({ teacherId }) => teacherId))]);
  return new Map(packages.map((row) => [row.id, factsOf(row, seats.get(row.id) ?? [], teacherOf(row.teacherId), tzVersion)]));
}

const factsOf = (
  { id, kind, zone, teacherId, limitAt, frozenAt }: PackageRow, seats: readonly Seat[], teacher: TeacherFacts, tzVersion: string,
): PackageFacts => ({
  kind, packageId: id, zone, teacherId, tzVersion, ...teacher,
  ...(frozenAt === null ? {} : { frozenSince: frozenAt.getTime() }),
  limit: limitAt.getTime(),
  seats: seats.map(({ studentId, partnerId }) => ({ studentId, partnerId })),
});
