import type pg from 'pg';

/** Settings of the server that let it count what each statement costs, and write the plans of the slow ones to its log. */
export const STATEMENT_SETTINGS = Object.freeze({
  shared_preload_libraries: 'pg_stat_statements,auto_explain',
  'pg_stat_statements.track': 'all',
  'auto_explain.log_min_duration': '5ms',
});

const LIMIT = 25;
const TEXT_MAX_LENGTH = 110;

interface StatementRow {
  readonly role: string;
  readonly calls: string;
  readonly total: string;
  readonly mean: string;
  readonly rows: string;
  readonly wal: string;
  readonly query: string;
}

/** What Postgres spent its time on since the start, as lines for people: the costliest first. */
export async function costlyStatements(admin: pg.Pool): Promise<string[]> {
  await admin.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
  const { rows } = await admin.query<StatementRow>(
    `SELECT userid::regrole::text AS role, calls::text, round((total_exec_time + total_plan_time)::numeric)::text AS total,
            round((mean_exec_time + mean_plan_time)::numeric, 3)::text AS mean, round(rows::numeric / calls, 1)::text AS rows,
            round(wal_bytes / calls / 1024, 1)::text AS wal, regexp_replace(query, '\\s+', ' ', 'g') AS query
       FROM pg_stat_statements ORDER BY total_exec_time + total_plan_time DESC LIMIT $1`,
    [LIMIT],
  );
  return rows.map(
    ({ role, calls, total, mean, rows: each, wal, query }) =>
      `${total.padStart(7)} ms  ${calls.padStart(6)} x ${mean.padStart(8)} ms  ${each.padStart(6)} rows  ${wal.padStart(7)} KiB WAL  ${role}: ${query.slice(0, TEXT_MAX_LENGTH)}`,
  );
}
