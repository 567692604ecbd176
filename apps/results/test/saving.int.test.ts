import type { OrganizationConfig } from '@schoolbell/contracts';
import { createLogger, type Database } from '@schoolbell/service-kit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createOrganizationSaving } from '../src/organizations/saving.ts';
import { openFolding, type Folding } from './folding.ts';
import { completed } from './story.ts';

let folding: Folding;
beforeAll(async () => {
  folding = await openFolding();
});
beforeEach(async () => {
  await folding.clear();
  await folding.sql('DELETE FROM organization');
});
afterAll(() => folding.close());

const organization = (attemptPolicy: OrganizationConfig['attemptPolicy'], id = 'acme'): OrganizationConfig => ({ id, attemptPolicy, summaryLimits: { tests: 500, courses: 200 } });
const stored = () => folding.sql('SELECT organization_id AS id, policy, version FROM organization ORDER BY 1');

/** A replica whose configuration is what was set last. */
function replica(first: OrganizationConfig[], db: Database = folding.db) {
  let current = first;
  const saving = createOrganizationSaving({ db, log: createLogger({ service: 'results', level: 'silent' }), organizations: () => current });
  return { ...saving, configure: (next: OrganizationConfig[]) => void (current = next) };
}

describe('organizations of the configuration', () => {
  it('are written once by each replica, so that one of an older configuration takes nothing back', async () => {
    const [newer, older] = [replica([organization('best')]), replica([organization('best')])];
    await Promise.all([newer.save(), older.save()]);
    expect(await stored()).toEqual([{ id: 'acme', policy: 'best', version: 1 }]);
    newer.configure([organization('latest')]);
    await newer.save();
    for (const each of [older, newer]) {
      await each.save();
      await each.insertMissing();
    }
    expect(await stored()).toEqual([{ id: 'acme', policy: 'latest', version: 2 }]);
  });

  it('are written as soon as the database is there, and the newest last', async () => {
    let away = true;
    const database: Database = { ...folding.db, transaction: (work) => (away ? Promise.reject(new Error('away')) : folding.db.transaction(work)) };
    const { save, configure } = replica([organization('best')], database);
    await expect(save()).rejects.toThrow('away');
    await expect(save()).rejects.toThrow('away');
    away = false;
    const saved = save();
    configure([organization('first'), organization('best', 'initech')]);
    await Promise.all([saved, save()]);
    expect(await stored()).toMatchObject([{ id: 'acme', policy: 'first' }, { id: 'initech', policy: 'best', version: 1 }]);
  });

  it('whose row was lost are put back, above what their learners were decided under', async () => {
    const { save, insertMissing } = replica([organization('best')]);
    await save();
    await folding.tell(completed());
    await folding.sql('UPDATE learner SET version = 7');
    await folding.sql('DELETE FROM organization');
    await save();
    expect(await stored()).toEqual([]);
    await insertMissing();
    expect(await stored()).toEqual([{ id: 'acme', policy: 'best', version: 8 }]);
    await folding.tell(completed({ testId: 't-2' }));
    expect(await folding.sql('SELECT version FROM learner')).toEqual([{ version: 8 }]);
  });
});
