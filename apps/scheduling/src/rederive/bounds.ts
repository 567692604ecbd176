import type { Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import { packageBounds } from '@schoolbell/time/zones';
import { contractInterval } from '../contracts/join.ts';

/** Ends of packages and contracts are local midnights: a new release may move them too. */

const packages = {
  name: 'scheduling_packages_of_old_release',
  text: `SELECT id, zone, start_date AS "startDate", weeks, reserve_weeks AS "reserveWeeks" FROM package
          WHERE tz_version <> $1 AND limit_at > $2::timestamptz AND kind <> 'trial' ORDER BY id FOR UPDATE`,
};
const movePackage = {
  name: 'scheduling_move_package_bounds',
  text: 'UPDATE package SET starts_at = $2, ends_at = $3, limit_at = $4, tz_version = $5 WHERE id = $1',
};
const contracts = {
  name: 'scheduling_contracts_ahead',
  text: `SELECT id, zone, first_day AS "firstDay", last_day AS "lastDay", starts_at AS "start", ends_at AS "end" FROM teacher_contract
          WHERE ends_at > $1::timestamptz ORDER BY id FOR UPDATE`,
};
const moveContract = { name: 'scheduling_move_contract_bounds', text: 'UPDATE teacher_contract SET starts_at = $2, ends_at = $3 WHERE id = $1' };

interface PackageDates {
  readonly id: string;
  readonly zone: string;
  readonly startDate: string;
  readonly weeks: number;
  readonly reserveWeeks: number;
}
interface ContractDates {
  readonly id: string;
  readonly zone: string;
  readonly firstDay: string;
  readonly lastDay: string | null;
  readonly start: Date;
  readonly end: Date;
}

/** A trial's two weeks are an instant that was stored at registration: they stay. */
export async function rederiveBounds(tx: Tx, now: number, version: string): Promise<void> {
  for (const { id, zone, startDate, weeks, reserveWeeks } of await tx.query<PackageDates>(packages, [version, formatInstant(now)])) {
    const { start, end, limit } = packageBounds(startDate, zone, weeks, reserveWeeks);
    await tx.query(movePackage, [id, formatInstant(start), formatInstant(end), formatInstant(limit), version]);
  }
  for (const { id, zone, firstDay, lastDay, ...known } of await tx.query<ContractDates>(contracts, [formatInstant(now)])) {
    const { start, end } = contractInterval({ zone, firstDay, ...(lastDay === null ? {} : { lastDay }) });
    if (start !== known.start.getTime() || end !== known.end.getTime()) await tx.query(moveContract, [id, formatInstant(start), formatInstant(end)]);
  }
}
