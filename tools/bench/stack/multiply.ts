// A million results in half a minute: learners that came in over HTTP are copied, whole, within the services' own
// tables. Every column is copied as it is but for the names, so no knowledge of the services is needed beyond which
// column holds a name. What is left out: outbox and queue, whose old rows nobody reads.
import type { BenchStack } from './stack.ts';

/** Column by column, how a copy differs. `:old` and `:new` are the learner's names, `:copy` the number of the copy. */
const RENAMED: Readonly<Record<string, string>> = {
  learner_id: ':new',
  key: ':new',
  attempt_id: `attempt_id || '~' || :copy`,
  webhook_id: `webhook_id || '-' || :copy`,
  body: 'replace(body, :old, :new)',
};
/** Copy learners 0 to `count` - 1 until there are `copies` of each, the first included: see `createCopies`. */
export async function multiplyLearners(stack: BenchStack, count: number, copies: number): Promise<void> {
  const tables = await stack.ask<{ name: string; key: string; columns: string[] }>(`
    SELECT table_schema || '.' || table_name AS name, min(column_name) FILTER (WHERE column_name IN ('learner_id', 'key')) AS key,
           array_agg(column_name::text ORDER BY ordinal_position) AS columns
      FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
     WHERE table_type = 'BASE TABLE' AND (table_schema = 'results' OR table_schema || '.' || table_name = 'delivery.wanted')
       AND is_generated = 'NEVER'
     GROUP BY 1 HAVING bool_or(column_name IN ('learner_id', 'key')) AND NOT bool_or(is_identity = 'YES')`);
  for (const { name, key, columns } of tables) {
    const next = `'u-' || lpad((substr(${key}, 3)::int + copy * ${count})::text, 6, '0')`;
    const values = columns.map((column) =>
      (RENAMED[column] ?? column).replaceAll(':new', next).replaceAll(':old', key).replaceAll(':copy', 'copy'),
    );
    await stack.ask(`INSERT INTO ${name} (${columns.join(', ')})
      SELECT ${values.join(', ')} FROM ${name}, generate_series(1, ${copies - 1}) AS copy WHERE ${key} ~ '^u-\\d{6}$'`);
  }
  await stack.ask(`INSERT INTO ingest.accepted_webhook (source, webhook_id, body_sha256, received_at)
    SELECT source, webhook_id || '-' || copy, body_sha256, received_at FROM ingest.accepted_webhook, generate_series(1, ${copies - 1}) AS copy`);
  // What autovacuum would have done by the time a school has a million results.
  await stack.ask('VACUUM ANALYZE');
  await stack.ask('CHECKPOINT');
}
