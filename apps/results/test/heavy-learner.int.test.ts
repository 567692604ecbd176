// What a fold reads must not grow with what a learner has behind them. Rows are counted, because time says little on a
// machine that does other things.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openFolding, type Folding } from './folding.ts';
import { at, completed, type Told } from './story.ts';

const ATTEMPTS = 10_000;
const TESTS = 2_000;
const BATCH = 250;
/** The bound of the list of tests in a summary, and some rows for everything else. */
const READ_MAX = 500 + 100;

let folding: Folding;
beforeAll(async () => {
  folding = await openFolding();
  const heavy = (index: number): Told =>
    completed({ attemptId: `h-${index}`, learnerId: 'heavy', courseId: `c-${index % 20}`, testId: `t-${index % TESTS}`, score: 1 + (index % 7), completedAt: at(index) });
  for (let from = 0; from < ATTEMPTS; from += BATCH) {
    await folding.tell(...Array.from({ length: BATCH }, (_, index) => heavy(from + index)));
  }
}, 120_000);
afterAll(() => folding.close());

const rowsRead = {
  name: 'test_rows_read',
  text: 'SELECT coalesce(sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)), 0)::int AS rows FROM pg_stat_xact_user_tables',
};

/** Rows that one fold fetched, of all tables. The counters may still hold what the connection did before. */
function read(event: Told): Promise<number> {
  return folding.db.transaction(async (tx) => {
    const counted = async (): Promise<number> => (await tx.query<{ rows: number }>(rowsRead, []))[0]!.rows;
    const before = await counted();
    await folding.fold.apply(tx, [event]);
    return (await counted()) - before;
  });
}

it.each([
  ['at a new test', { testId: 't-new' }],
  ['at a known test, better', { testId: 't-5', courseId: 'c-5', score: 20 }],
  ['at a known test, worse', { testId: 't-6', courseId: 'c-6', score: 0 }],
])('an attempt of a learner with ten thousand %s reads no more than the lists that are told', async (_, data) => {
  expect(await read(completed({ learnerId: 'heavy', completedAt: at(0), ...data }))).toBeLessThan(READ_MAX);
});
