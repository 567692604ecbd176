// A policy that changes while folds run: whatever they read of it before, nobody stays under the old one.
import { createLogger, type Database } from '@schoolbell/service-kit';
import { waitFor } from '@schoolbell/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createRefoldJob } from '../src/organizations/refold-job.ts';
import { openFolding, type Folding } from './folding.ts';
import { at, completed } from './story.ts';

let folding: Folding;
beforeAll(async () => {
  folding = await openFolding();
});
afterEach(() => folding.clear());
afterAll(() => folding.close());

const learnerKey = { organizationId: 'acme', learnerId: 'u-1' };
const score = async () => (await folding.summary())?.summary.totals.score;
const isCurrent = async () => {
  const rows = await folding.sql<{ current: boolean }>('SELECT l.version = o.version AS current FROM learner l JOIN organization o USING (organization_id)');
  return rows.length > 0 && rows.every(({ current }) => current);
};
const somebodyWaits = async () => (await folding.sql(`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)).length > 0;

/** The job, until it has run once. */
async function runJob(): Promise<void> {
  let ended = 0;
  const counting: Database = {
    ...folding.db,
    transaction: (work, options) => folding.db.transaction(work, options).finally(() => (ended += 1)),
  };
  const job = createRefoldJob({ db: counting, fold: folding.fold, log: createLogger({ service: 'results', level: 'silent' }), wake: () => undefined });
  job.start();
  // Every batch is a transaction, the last of them empty; then the version is closed or not.
  await waitFor('the job has run', () => ended >= 2);
  await job.stop();
}

describe('a policy that changes', () => {
  it('while a fold waits for a learner is the one that the fold decides under', async () => {
    await folding.configure({ attemptPolicy: 'best' });
    await folding.tell(completed({ score: 19, completedAt: at(0) }));
    let told: Promise<unknown> = Promise.resolve();
    await folding.db.transaction(async (tx) => {
      await tx.query({ name: 'test_lock_learner', text: 'SELECT FROM learner FOR UPDATE' }, []);
      told = folding.tell(completed({ score: 5, completedAt: at(60_000) }));
      await waitFor('the fold waits', somebodyWaits);
      await folding.configure({ attemptPolicy: 'latest' });
      await folding.fold.refold(tx, [learnerKey]);
    });
    await told;
    expect(await isCurrent()).toBe(true);
    expect(await score()).toBe(5_000_000n);
  });

  it('reaches a learner whose version was never that of the organization', async () => {
    await folding.configure({ attemptPolicy: 'best' });
    await folding.tell(completed({ score: 19, completedAt: at(0) }));
    await folding.sql('UPDATE learner SET version = 7');
    await folding.tell(completed({ score: 5, completedAt: at(60_000) }));
    expect([await score(), await isCurrent()]).toEqual([19_000_000n, true]);
    await folding.sql('UPDATE learner SET version = 7');
    await folding.configure({ attemptPolicy: 'latest' });
    await runJob();
    expect([await score(), await isCurrent()]).toEqual([5_000_000n, true]);
  });

  it('is not closed while a learner is being inserted under the old one', async () => {
    await folding.configure({ attemptPolicy: 'best' });
    await folding.db.transaction(async (tx) => {
      await folding.fold.apply(tx, [completed({ score: 19, completedAt: at(0) }), completed({ score: 5, completedAt: at(60_000) })]);
      await folding.configure({ attemptPolicy: 'latest' });
      await runJob();
    });
    expect(await score()).toBe(19_000_000n);
    await runJob();
    expect(await isCurrent()).toBe(true);
    expect(await score()).toBe(5_000_000n);
  });
});
