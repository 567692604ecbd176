import { formatInstant } from '@schoolbell/time';
import type { Database } from './database.ts';
import type { Tx } from './transaction.ts';

const DAY_MS = 86_400_000;
/** Partitions made ahead of need: this many days without the job cost nothing. */
const DAYS_AHEAD = 3;

export interface DailyPartitions {
  /** A table partitioned by range of a `date` column. The name is trusted: it is a constant of the code. */
  readonly table: string;
  /** Partitions older than this are dropped whole. */
  readonly keepDays: number;
  /** SQL predicate of rows that must stay, such as `seq IS NULL`: a partition with one of them is not dropped. */
  readonly keepWhile?: string;
}

/** What the catalog says of the table. */
interface Shape {
  readonly column: string;
  /** The partition that takes what no other takes, if there is one. */
  readonly rest: string | null;
  readonly partitions: readonly string[];
}

/**
 * Make the partitions of the coming days and drop those that are too old. Safe in every replica at once; run it at
 * the start and some times a day. Returns the names of what was made and dropped.
 */
export function maintainDailyPartitions(
  db: Database,
  { table, keepDays, keepWhile }: DailyPartitions,
  nowMs: number,
): Promise<{ made: string[]; dropped: string[] }> {
  return db.transaction(async (tx) => {
    await run(tx, 'lock', `SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || $1, 0))::text`, [`:partitions:${table}`]);
    const shape = await shapeOf(tx, table);
    const made: string[] = [];
    for (let ahead = 0; ahead <= DAYS_AHEAD; ahead += 1) {
      const day = dayOf(nowMs + ahead * DAY_MS);
      if (shape.partitions.includes(nameOf(table, day))) continue;
      await make(tx, table, shape, day, dayOf(nowMs + (ahead + 1) * DAY_MS));
      made.push(nameOf(table, day));
    }
    const oldest = nameOf(table, dayOf(nowMs - keepDays * DAY_MS));
    const dropped: string[] = [];
    for (const partition of shape.partitions) {
      if (!/_\d{8}$/.test(partition) || partition >= oldest) continue;
      if (keepWhile !== undefined && (await exists(tx, partition, keepWhile))) continue;
      await run(tx, 'drop', `DROP TABLE ${partition}`);
      dropped.push(partition);
    }
    return { made, dropped };
  });
}

const dayOf = (epochMs: number): string => formatInstant(epochMs).slice(0, 10);
const nameOf = (table: string, day: string): string => `${table}_${day.replaceAll('-', '')}`;

/** Texts with names and dates in them are not prepared: each day would leave one behind. */
function run<Row>(tx: Tx, label: string, text: string, values: readonly unknown[] = []): Promise<Row[]> {
  return tx.query<Row>({ name: `partitions_${label}`, text, prepared: false }, values);
}

async function exists(tx: Tx, table: string, predicate: string): Promise<boolean> {
  const rows = await run(tx, 'look', `SELECT FROM ${table} WHERE ${predicate} LIMIT 1`);
  return rows.length > 0;
}

async function shapeOf(tx: Tx, table: string): Promise<Shape> {
  const [shape] = await run<Shape>(
    tx,
    'shape',
    `SELECT key.attname AS "column",
            CASE WHEN t.partdefid <> 0 THEN t.partdefid::regclass::text END AS rest,
            ARRAY (SELECT child.relname::text FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
                    WHERE inhparent = t.partrelid ORDER BY 1) AS partitions
       FROM pg_partitioned_table t JOIN pg_attribute key ON key.attrelid = t.partrelid AND key.attnum = t.partattrs[0]
      WHERE t.partrelid = $1::regclass`,
    [table],
  );
  if (shape === undefined) throw new Error(`the table ${table} is not partitioned`);
  return shape;
}

async function make(tx: Tx, table: string, { column, rest }: Shape, day: string, next: string): Promise<void> {
  const name = nameOf(table, day);
  const range = `FOR VALUES FROM ('${day}') TO ('${next}')`;
  const ofDay = `${column} >= '${day}' AND ${column} < '${next}'`;
  if (rest === null || !(await exists(tx, rest, ofDay))) {
    await run(tx, 'make', `CREATE TABLE ${name} PARTITION OF ${table} ${range}`);
    return;
  }
  // Nobody made it in time, and rows of the day went to the rest: a partition beside them would be refused for ever.
  // The whole table is locked first: whoever reads it locks it before its partitions, and rows in hand would be met halfway.
  await run(tx, 'lock_table', `LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
  await run(tx, 'make', `CREATE TABLE ${name} (LIKE ${table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)`);
  await run(tx, 'move', `WITH late AS (DELETE FROM ${rest} WHERE ${ofDay} RETURNING *) INSERT INTO ${name} SELECT * FROM late`);
  await run(tx, 'attach', `ALTER TABLE ${table} ATTACH PARTITION ${name} ${range}`);
}
