import { createHash, randomBytes } from 'node:crypto';
import type { Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import type { WorkingHours } from '../availability/working-hours.ts';

/** Who takes part in lessons, and when teachers can. */

export type ParticipantRole = 'teacher' | 'student' | 'partner' | 'manager';
export interface Participant {
  readonly id: string;
  readonly role: ParticipantRole;
  readonly zone: string;
  readonly locale: string;
  readonly version: number;
}

const COLUMNS = 'id, role, zone, locale, version';
/** A version above 0 is of a row that there was: it is not made. */
const unlessGone = (table: string, key: string, version: string): string =>
  `WHERE coalesce(${version}::int, 0) = 0 OR EXISTS (SELECT FROM ${table} WHERE ${key} = $1)`;
// The role never changes: what somebody may do in lessons that exist hangs on it.
const put = {
  name: 'scheduling_put_participant',
  text: `INSERT INTO participant AS known (id, role, zone, locale, created_at) SELECT $1, $2, $3, $4, $5::timestamptz ${unlessGone('participant', 'id', '$6')}
         ON CONFLICT (id) DO UPDATE SET zone = excluded.zone, locale = excluded.locale, version = known.version + 1
          WHERE known.role = excluded.role AND ($6::int IS NULL OR known.version = $6)
         RETURNING ${COLUMNS}`,
};
const find = { name: 'scheduling_find_participant', text: `SELECT ${COLUMNS} FROM participant WHERE id = ANY ($1::text[])` };

/** Creates or changes; undefined when the role or the version is another one. */
export async function putParticipant(
  tx: Tx, person: Omit<Participant, 'version'>, now: number, ifVersion?: number,
): Promise<Participant | undefined> {
  const [row] = await tx.query<Participant>(put, [person.id, person.role, person.zone, person.locale, formatInstant(now), ifVersion ?? null]);
  return row;
}

export const findParticipants = (tx: Pick<Tx, 'query'>, ids: readonly string[]): Promise<Participant[]> => tx.query(find, [ids]);

/** Roles of those that there are. */
export const rolesOf = async (tx: Pick<Tx, 'query'>, ids: readonly string[]): Promise<Map<string, ParticipantRole>> =>
  new Map((await findParticipants(tx, ids)).map(({ id, role }) => [id, role]));

const putHours = {
  name: 'scheduling_put_hours',
  text: `INSERT INTO working_hours AS known (teacher_id, zone, hours, days_off) SELECT $1, $2, $3::jsonb, $4::jsonb ${unlessGone('working_hours', 'teacher_id', '$5')}
         ON CONFLICT (teacher_id) DO UPDATE SET zone = excluded.zone, hours = excluded.hours, days_off = excluded.days_off,
                                                version = known.version + 1
          WHERE $5::int IS NULL OR known.version = $5
         RETURNING version`,
};

export async function putWorkingHours(tx: Tx, teacherId: string, hours: WorkingHours, ifVersion?: number): Promise<number | undefined> {
  const [row] = await tx.query<{ version: number }>(putHours, [
    teacherId, hours.zone, JSON.stringify(hours.hours), JSON.stringify(hours.daysOff), ifVersion ?? null,
  ]);
  return row?.version;
}

const findHours = { name: 'scheduling_find_hours', text: 'SELECT zone, hours, days_off AS "daysOff", version FROM working_hours WHERE teacher_id = $1' };
/** Undefined: the teacher has said nothing, and teaches at all times. */
export async function findWorkingHours(tx: Pick<Tx, 'query'>, teacherId: string): Promise<(WorkingHours & { readonly version: number }) | undefined> {
  return (await tx.query<WorkingHours & { version: number }>(findHours, [teacherId]))[0];
}

const setCalendarKey = {
  name: 'scheduling_set_calendar_key',
  text: 'UPDATE participant SET calendar_key = $2 WHERE id = $1 RETURNING id',
};
const findByCalendarKey = {
  name: 'scheduling_find_by_calendar_key',
  text: `SELECT ${COLUMNS} FROM participant WHERE calendar_key = $1`,
};
const digest = (key: string): Buffer => createHash('sha256').update(key).digest();

/** A new secret; only its hash is kept. Undefined when there is no such participant. */
export async function renewCalendarKey(tx: Tx, id: string): Promise<string | undefined> {
  const key = randomBytes(24).toString('base64url');
  const rows = await tx.query(setCalendarKey, [id, digest(key)]);
  return rows.length === 0 ? undefined : key;
}

export async function findByKey(db: Pick<Tx, 'query'>, key: string): Promise<Participant | undefined> {
  const [person] = await db.query<Participant>(findByCalendarKey, [digest(key)]);
  return person;
}
