import type { Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import type { PackageKind } from './kinds.ts';

/** Reads packages for people. Nothing here takes a lock. */
export interface PackageView {
  readonly id: string;
  readonly kind: PackageKind;
  readonly state: 'active' | 'frozen' | 'completed' | 'cancelled';
  readonly zone: string;
  readonly teacherId: string;
  readonly startDate: string;
  readonly weeks: number;
  readonly reserveWeeks: number;
  readonly start: string;
  readonly end: string;
  readonly limit: string;
  readonly version: number;
  readonly testId: string | null;
  readonly partsDone: Record<string, string>;
  readonly tooSmall: { since: string; askedAgainAt: string } | null;
  readonly seats: { studentId: string; partnerId: string; active: boolean }[];
}

type Row = Omit<PackageView, 'start' | 'end' | 'limit' | 'tooSmall'> & {
  readonly startsAt: Date; readonly endsAt: Date; readonly limitAt: Date; readonly smallSince: Date | null; readonly askAt: Date | null;
};

const SELECT = `SELECT id, kind, state, zone, teacher_id AS "teacherId", start_date AS "startDate", weeks, reserve_weeks AS "reserveWeeks",
  starts_at AS "startsAt", ends_at AS "endsAt", limit_at AS "limitAt", version, test_id AS "testId", parts_done AS "partsDone",
  small_since AS "smallSince", ask_at AS "askAt",
  (SELECT coalesce(json_agg(json_build_object('studentId', student_id, 'partnerId', partner_id, 'active', left_at IS NULL) ORDER BY student_id), '[]')
     FROM seat WHERE seat.package_id = package.id) AS "seats"
  FROM package`;
const byId = { name: 'scheduling_package_view', text: `${SELECT} WHERE id = $1` };
const all = { name: 'scheduling_list_packages', text: `${SELECT} WHERE ($1::uuid IS NULL OR id > $1) ORDER BY id LIMIT $2` };
const small = { name: 'scheduling_list_small_groups', text: `${SELECT} WHERE ask_at IS NOT NULL AND ($1::uuid IS NULL OR id > $1) ORDER BY id LIMIT $2` };
const ofPerson = {
  name: 'scheduling_list_packages_of',
  text: `${SELECT} WHERE id IN (SELECT id FROM package WHERE teacher_id = $3 UNION SELECT package_id FROM seat WHERE (student_id = $3 OR partner_id = $3) AND left_at IS NULL)
           AND ($1::uuid IS NULL OR id > $1) ORDER BY id LIMIT $2`,
};

const view = ({ startsAt, endsAt, limitAt, smallSince, askAt, ...row }: Row): PackageView => ({
  ...row, tooSmall: smallSince === null || askAt === null ? null : { since: formatInstant(smallSince.getTime()), askedAgainAt: formatInstant(askAt.getTime()) },
  start: formatInstant(startsAt.getTime()), end: formatInstant(endsAt.getTime()), limit: formatInstant(limitAt.getTime()),
});

export async function findPackage(db: Pick<Tx, 'query'>, id: string): Promise<PackageView | undefined> {
  const [row] = await db.query<Row>(byId, [id]);
  return row === undefined ? undefined : view(row);
}

export async function listPackages(
  db: Pick<Tx, 'query'>, { participant, after, limit }: { participant: string | undefined; after: string | undefined; limit: number },
): Promise<PackageView[]> {
  const rows = participant === undefined
    ? await db.query<Row>(all, [after ?? null, limit])
    : await db.query<Row>(ofPerson, [after ?? null, limit, participant]);
  return rows.map(view);
}

/** Groups that partners and managers are asked about. */
export const listSmallGroups = async (db: Pick<Tx, 'query'>, { after, limit }: { after: string | undefined; limit: number }): Promise<PackageView[]> =>
  (await db.query<Row>(small, [after ?? null, limit])).map(view);
