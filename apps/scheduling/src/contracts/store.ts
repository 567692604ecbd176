import { randomUUID } from 'node:crypto';
import type { Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import { timeZoneDatabaseVersion, type CalendarDate } from '@schoolbell/time/zones';
import { lockPersons } from '../store/packages.ts';
import { contractInterval } from './join.ts';

/** Teachers' contracts. A shortened one leaves booked lessons where they are and says which. */
export interface ContractRow {
  readonly id: string;
  readonly teacherId: string;
  readonly zone: string;
  readonly firstDay: CalendarDate;
  readonly lastDay: CalendarDate | null;
  readonly version: number;
}

const COLUMNS = 'id, teacher_id AS "teacherId", zone, first_day AS "firstDay", last_day AS "lastDay", version';
const insert = {
  name: 'scheduling_insert_contract',
  text: `INSERT INTO teacher_contract (id, teacher_id, zone, first_day, last_day, starts_at, ends_at, tz_version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         RETURNING ${COLUMNS}`,
};
const find = { name: 'scheduling_find_contract', text: `SELECT ${COLUMNS} FROM teacher_contract WHERE id = $1` };
const change = {
  name: 'scheduling_change_contract',
  // Begin and end by two releases: the job of the next one derives both.
  text: `UPDATE teacher_contract SET last_day = $2, ends_at = $3, version = version + 1, tz_version = CASE tz_version WHEN $5 THEN $5 ELSE '' END
          WHERE id = $1 AND ($4::int IS NULL OR version = $4) RETURNING ${COLUMNS}`,
};

export interface NewContract {
  readonly teacherId: string;
  readonly zone: string;
  readonly firstDay: CalendarDate;
  readonly lastDay?: CalendarDate | undefined;
}

const bounds = ({ zone, firstDay, lastDay }: Pick<NewContract, 'zone' | 'firstDay' | 'lastDay'>) =>
  contractInterval({ zone, firstDay, ...(lastDay === undefined ? {} : { lastDay }) });

export async function addContract(tx: Tx, contract: NewContract): Promise<ContractRow> {
  const { teacherId, zone, firstDay, lastDay } = contract;
  await lockPersons(tx, [teacherId]);
  const { start, end } = bounds(contract);
  const [row] = await tx.query<ContractRow>(insert, [randomUUID(), teacherId, zone, firstDay, lastDay ?? null, formatInstant(start), formatInstant(end), timeZoneDatabaseVersion()]);
  return row as ContractRow;
}

export async function findContract(tx: Pick<Tx, 'query'>, id: string): Promise<ContractRow | undefined> {
  return (await tx.query<ContractRow>(find, [id]))[0];
}

/** Another last day; undefined when the version is another one. */
export async function endContract(tx: Tx, contract: ContractRow, lastDay: CalendarDate | undefined, ifVersion?: number): Promise<ContractRow | undefined> {
  await lockPersons(tx, [contract.teacherId]);
  const { end } = bounds({ ...contract, lastDay });
  const [row] = await tx.query<ContractRow>(change, [contract.id, lastDay ?? null, formatInstant(end), ifVersion ?? null, timeZoneDatabaseVersion()]);
  return row;
}
