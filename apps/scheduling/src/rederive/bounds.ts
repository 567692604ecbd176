import type { Database, Tx } from '@schoolbell/service-kit';
import { formatInstant, type Clock } from '@schoolbell/time';
import { packageBounds } from '@schoolbell/time/zones';
import { contractInterval } from '../contracts/join.ts';

/** Ends of packages and contracts are local midnights: a new release may move them too. */

/** Rows of one transaction: few enough that no command waits long for one of them. */
const PAGE = 200;
const FIRST_UUID = '00000000-0000-0000-0000-000000000000';

// A trial's two weeks are an instant that was stored at registration: they stay.
const packages = {
  name: 'scheduling_packages_of_old_release',
  text: `SELECT id, zone, start_date AS "startDate", weeks, reserve_weeks AS "reserveWeeks" FROM package
          WHERE tz_version <> $1 AND limit_at > $2::timestamptz AND kind <> 'trial' AND id > $3::uuid ORDER BY id LIMIT ${PAGE} FOR UPDATE`,
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
          WHERE tz_version <> $1 AND ends_at > $2::timestamptz AND id > $3::uuid ORDER BY id LIMIT ${PAGE} FOR UPDATE`,
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

/** Who looks on while it is done. */
export interface Onlooker {
  /** Asked before each step: false ends the work, and the next run goes on with the rest. */
  goesOn(): Promise<boolean>;
  /** People who share lessons, or one package or contract, could not be worked on, for a reason of their own: they hold up nobody else. */
  failed(ids: readonly string[], cause: unknown): void;
}

/** What became of a page: its last row, if there was any, and the rows that stay as they are. */
interface PageDone {
  readonly last?: string | undefined;
  readonly failed: readonly { readonly id: string; readonly cause: unknown }[];
}

/** Page after page, each in a transaction of its own; rows of this release are not touched. False: it was ended before. */
export async function rederiveBounds({ db, clock }: { db: Database; clock: Clock }, version: string, onlooker: Onlooker): Promise<boolean> {
  for (const derivePage of [derivePackages, deriveContracts]) {
    let after: string | undefined = FIRST_UUID;
    while (after !== undefined) {
      if (!(await onlooker.goesOn())) return false;
      const from: string = after;
      // Until a page is empty.
      const { last, failed } = await db.transaction((tx) => derivePage(tx, clock.now(), version, from));
      for (const { id, cause } of failed) onlooker.failed([id], cause);
      after = last;
    }
  }
  return true;
}

/** Each row by itself: a zone that is gone is a matter of those who are in it. */
function deriveEach<Row extends { readonly id: string }, Bounds>(page: readonly Row[], derive: (row: Row) => Bounds) {
  const done: { id: string; bounds: Bounds }[] = [];
  const failed: { id: string; cause: unknown }[] = [];
  for (const row of page) {
    try {
      done.push({ id: row.id, bounds: derive(row) });
    } catch (cause) {
      failed.push({ id: row.id, cause });
    }
  }
  return { done, ended: { last: page.at(-1)?.id, failed } };
}

async function derivePackages(tx: Tx, now: number, version: string, after: string): Promise<PageDone> {
  const page = await tx.query<PackageDates>(packages, [version, formatInstant(now), after]);
  const { done, ended } = deriveEach(page, ({ startDate, zone, weeks, reserveWeeks }) => packageBounds(startDate, zone, weeks, reserveWeeks));
  if (done.length > 0) {
    tx.send(movePackages, [
      version, done.map(({ id }) => id), done.map(({ bounds }) => formatInstant(bounds.start)), done.map(({ bounds }) => formatInstant(bounds.end)),
      done.map(({ bounds }) => formatInstant(bounds.limit)),
    ]);
  }
  return ended;
}

async function deriveContracts(tx: Tx, now: number, version: string, after: string): Promise<PageDone> {
  const page = await tx.query<ContractDates>(contracts, [version, formatInstant(now), after]);
  const { done, ended } = deriveEach(page, ({ zone, firstDay, lastDay }) => contractInterval({ zone, firstDay, ...(lastDay === null ? {} : { lastDay }) }));
  if (done.length > 0) {
    tx.send(moveContracts, [
      version, done.map(({ id }) => id), done.map(({ bounds }) => formatInstant(bounds.start)), done.map(({ bounds }) => formatInstant(bounds.end)),
    ]);
  }
  return ended;
}
