// A million lessons in minutes: what came in over HTTP is copied, whole, within scheduling's own tables, and every
// constraint checked. A copy differs by its ids and by the names of people and by nothing else, so no knowledge of the service
// is needed beyond its tables. The outbox is left out: its rows were told long before there are so many.
import type { BenchStack } from '../stack/stack.ts';

/** In an order that foreign keys allow. */
const TABLES = ['participant', 'teacher_contract', 'working_hours', 'package', 'seat', 'move_request', 'lesson', 'slot_claim', 'transition'];
/** Say nothing of people or lessons, or only for a while. */
const NOT_COPIED = /^(outbox.*|publication|publish_again|stream_state|dead_letter|replica|idempotency|open_alert|_prisma_migrations)$/;
/** Copies of one statement: what makes the transaction long, and the progress readable. */
const COPIES_AT_ONCE = 20;

interface Column {
  readonly table: string;
  readonly name: string;
  readonly type: string;
}

const PREFIX = `lpad(to_hex((copy * 40503) % 65536), 4, '0')`;
const SUFFIX = `lpad(to_hex(copy), 6, '0')`;
const UUID = String.raw`\m[0-9a-f]{4}([0-9a-f]{4}(?:-[0-9a-f]{4}){3}-[0-9a-f]{6})[0-9a-f]{6}\M`;

/** How a column's value is copied; `names.ts` says the same in JavaScript, and `check.ts` compares. */
function copied({ name, type }: Column, template: string): string {
  const renamed = (text: string): string => `replace(${text}, '${template}0-', '${template}' || copy || '-')`;
  switch (type) {
    case 'uuid':
      return `(${PREFIX} || substr(${name}::text, 5, 26) || ${SUFFIX})::uuid`;
    case 'uuid[]':
      return `regexp_replace(${name}::text, '${UUID}', ${PREFIX} || '\\1' || ${SUFFIX}, 'g')::uuid[]`;
    case 'jsonb':
      return `${renamed(`regexp_replace(${name}::text, '${UUID}', ${PREFIX} || '\\1' || ${SUFFIX}, 'g')`)}::jsonb`;
    case 'text':
      return /(^|_)id$/.test(name) ? renamed(name) : name;
    default:
      return name;
  }
}

/** Which rows of a table are the template's own. */
function own(table: string, template: string): string {
  const mine = `LIKE '${template}0-%'`;
  switch (table) {
    case 'participant':
      return `id ${mine}`;
    case 'teacher_contract':
    case 'working_hours':
    case 'package':
      return `teacher_id ${mine}`;
    case 'slot_claim':
      return `participant_id ${mine}`;
    default:
      return `package_id IN (SELECT id FROM scheduling.package WHERE teacher_id ${mine})`;
  }
}

/** Of all tables of scheduling. @throws when there are new ones. */
export async function readColumns({ ask }: Pick<BenchStack, 'ask'>): Promise<Column[]> {
  const columns = await ask<Column>(`
    SELECT relname AS table, attname AS name, format_type(atttypid, NULL) AS type
      FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
     WHERE relnamespace = 'scheduling'::regnamespace AND relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped AND attidentity = ''
     ORDER BY relname, attnum`);
  const unknown = [...new Set(columns.map(({ table }) => table))].filter((table) => !TABLES.includes(table) && !NOT_COPIED.test(table));
  if (unknown.length > 0) throw new Error(`scheduling has new tables, say in school/copy.ts how they are copied: ${unknown.join(', ')}`);
  return columns;
}

/** Copies `from` to `to`, both included, of everything that belongs to the template's teachers and people. */
export async function copyTemplate(
  stack: BenchStack, template: string, from: number, to: number,
  { copiesAtOnce = COPIES_AT_ONCE, progress }: { copiesAtOnce?: number; progress?: (copy: number) => void } = {},
): Promise<void> {
  const columns = Map.groupBy(await readColumns(stack), ({ table }) => table);
  for (let first = from; first <= to; first += copiesAtOnce) {
    const last = Math.min(to, first + copiesAtOnce - 1);
    for (const table of TABLES) {
      const ofTable = columns.get(table) ?? [];
      await stack.ask(`INSERT INTO scheduling.${table} (${ofTable.map(({ name }) => name).join(', ')})
        SELECT ${ofTable.map((column) => copied(column, template)).join(', ')}
          FROM scheduling.${table}, generate_series(${first}, ${last}) AS copy WHERE ${own(table, template)}`);
    }
    progress?.(last);
  }
}

/**
 * The index behind this constraint takes rows one by one at a tenth of the speed at which it is built. It is back, and was
 * checked against every row, before anything is measured.
 */
const BUILT_AFTERWARDS = { table: 'scheduling.slot_claim', constraint: 'slot_claim_no_double_booking' };

/** A copy of very many rows, while nobody else writes. */
export async function inBulk(stack: BenchStack, copy: () => Promise<void>): Promise<void> {
  const { table, constraint } = BUILT_AFTERWARDS;
  const [found] = await stack.ask<{ definition: string }>(
    `SELECT pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE conname = '${constraint}' AND conrelid = '${table}'::regclass`);
  await stack.ask(`ALTER TABLE ${table} DROP CONSTRAINT ${constraint}`);
  await copy();
  await stack.ask(`SET maintenance_work_mem = '256MB'; ALTER TABLE ${table} ADD CONSTRAINT ${constraint} ${found!.definition}; RESET maintenance_work_mem`);
}

/** What autovacuum and use would have done by the time a school is so large: tables are analysed and in memory, with their indexes. */
export async function settleTables(stack: BenchStack): Promise<void> {
  for (const table of TABLES) await stack.ask(`VACUUM ANALYZE scheduling.${table}`);
  await stack.ask('CREATE EXTENSION IF NOT EXISTS pg_prewarm');
  await stack.ask(`SELECT pg_prewarm(oid) FROM pg_class WHERE relnamespace = 'scheduling'::regnamespace AND relkind IN ('r', 'i')`);
  await stack.ask('CHECKPOINT');
}

/** The rows of a template, or of a copy, as JSON. The audit trail is numbered by the database: its numbers are left out. */
export async function rowsOf(stack: BenchStack, template: string, copy: number): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const table of TABLES) {
    const rows = await stack.ask<{ row: string }>(
      `SELECT (to_jsonb(each)${table === 'transition' ? ` - 'id'` : ''})::text AS row FROM scheduling.${table} AS each
        WHERE ${own(table, template).replace(`${template}0-`, `${template}${copy}-`)}`);
    found.set(table, rows.map(({ row }) => row));
  }
  return found;
}
