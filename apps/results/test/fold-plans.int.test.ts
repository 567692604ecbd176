// A plan is made once per connection, often while its tables are small: whatever they hold then, it must look up by key.
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as statements from '../src/fold/statements.ts';
import { openFolding, type Folding } from './folding.ts';

let folding: Folding;
beforeAll(async () => {
  folding = await openFolding();
  // As the first minute finds them: analysed with hardly a row.
  await folding.sql('ANALYZE');
});
afterAll(() => folding.close());

it.each(Object.values(statements).map(({ name, text }) => ({ name, text })))('$name reads no table as a whole', async ({ text }) => {
  const lines = await folding.sql<{ 'QUERY PLAN': string }>(`EXPLAIN (GENERIC_PLAN) ${text}`);
  const plan = lines.map((line) => line['QUERY PLAN']).join('\n');
  expect(plan).not.toMatch(/Seq Scan|Hash|Merge/);
});
