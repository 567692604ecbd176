import type { Database, Tx } from '@schoolbell/service-kit';
import { formatInstant, type Clock } from '@schoolbell/time';
import { packageBounds } from '@schoolbell/time/zones';
import { contractInterval } from '../contracts/join.ts';

/** Ends of packages and contracts are local midnights: a new release may move them too. */

/** Rows of one transaction: few enough that no command waits long for one of them. */
const PAGE = 200;

// A trial's two weeks are an instant that was stored at registration: they stay.
const packages = {
  name: 'scheduling_packages_of_old_release',
  text: `SELECT id, zone, start_date AS "startDate", weeks, reserve_weeks AS "reserveWeeks" FROM package
          WHERE tz_version <> $1 AND limit_at > $2::timestamptz AND kind <> 'trial' ORDER BY id LIMIT ${PAGE} FOR UPDATE`,
};
const movePackages = {
  name: 'scheduling_move_package_bounds',
  text: `UPDATE package SET starts_at = new.starts_at, ends_at = new.ends_at, limit_at = new.limit_at, tz_version = $1
           FROM unnest($2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[]) AS new (id, starts_at, ends_at, limit_at)
          WHERE package.id = new.id`,
};
const contracts = {
  name: 'scheduling_contracts_of_old_release',
  text: `SELECT id, zone, first_day AS "firstDay", last_day AS "lastDay" FROM teacher_contract
          WHERE tz_version <> $1 AND ends_at > $2::timestamptz ORDER BY id LIMIT ${PAGE} FOR UPDATE`,
};
const moveContracts = {
  name: 'scheduling_move_contract_bounds',
  text: `UPDATE teacher_contract SET starts_at = new.starts_at, ends_at = new.ends_at, tz_version = $1
           FROM unnest($2::uuid[], $3::timestamptz[], $4::timestamptz[]) AS new (id, starts_at, ends_at)
          WHERE teacher_contract.id = new.id`,
};

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
}

/** Page after page, each in a transaction of its own; rows of this release are not touched. */
export async function rederiveBounds({ db, clock }: { db: Database; clock: Clock }, version: string): Promise<void> {
  for (const derivePage of [derivePackages, deriveContracts]) {
    while ((await db.transaction((tx) => derivePage(tx, clock.now(), version))) === PAGE);
  }
}

async function derivePackages(tx: Tx, now: number, version: string): Promise<number> {
  const page = await tx.query<PackageDates>(packages, [version, formatInstant(now)]);
  const bounds = page.map(({ startDate, zone, weeks, reserveWeeks }) => packageBounds(startDate, zone, weeks, reserveWeeks));
  if (page.length > 0) {
    tx.send(movePackages, [
      version, page.map(({ id }) => id), bounds.map(({ start }) => formatInstant(start)), bounds.map(({ end }) => formatInstant(end)),
      bounds.map(({ limit }) => formatInstant(limit)),
    ]);
  }
  return page.length;
}

async function deriveContracts(tx: Tx, now: number, version: string): Promise<number> {
  const page = await tx.query<ContractDates>(contracts, [version, formatInstant(now)]);
  const bounds = page.map(({ zone, firstDay, lastDay }) => contractInterval({ zone, firstDay, ...(lastDay === null ? {} : { lastDay }) }));
  if (page.length > 0) {
    tx.send(moveContracts, [version, page.map(({ id }) => id), bounds.map(({ start }) => formatInstant(start)), bounds.map(({ end }) => formatInstant(end))]);
  }
  return page.length;
}
