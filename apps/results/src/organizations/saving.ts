// Each replica writes down each configuration that it took, once. Were it written again and again, two replicas of which
// one has not taken the newest yet would change the policy back and forth, and every change decides all learners anew.
import type { OrganizationConfig } from '@schoolbell/contracts';
import { createPeriodic, type Database, type Log, type Periodic } from '@schoolbell/service-kit';
import { insertMissingOrganizationRows, saveOrganizationRows } from './store.ts';

const TRY_AGAIN_EVERY_MS = 2_000;
const LOOK_FOR_MISSING_EVERY_MS = 60_000;

export interface OrganizationSaving {
  /** Writes the configuration that is in force, unless that has succeeded before. */
  save(): Promise<void>;
  /** Puts rows back that are gone, and touches no other. */
  insertMissing(): Promise<void>;
  readonly jobs: readonly Periodic[];
}

export function createOrganizationSaving(deps: { db: Database; log: Log; organizations: () => readonly OrganizationConfig[] }): OrganizationSaving {
  const { db, log, organizations } = deps;
  let saved: readonly OrganizationConfig[] | undefined;
  let last: Promise<void> = Promise.resolve();

  const tell = (written: readonly string[]): void => {
    if (written.length > 0) log.info({ organizations: written }, 'organizations were written down');
  };
  async function saveOnce(): Promise<void> {
    const wanted = organizations();
    if (wanted === saved) return;
    tell(await saveOrganizationRows(db, wanted));
    saved = wanted;
  }
  // One after the other: the older of two configurations must not be the last that is written.
  const save = (): Promise<void> => (last = last.catch(() => undefined).then(saveOnce));
  const insertMissing = async (): Promise<void> => tell(await insertMissingOrganizationRows(db, organizations()));
  return {
    save,
    insertMissing,
    jobs: [
      createPeriodic({ name: 'organizations', everyMs: TRY_AGAIN_EVERY_MS, log, run: save }),
      createPeriodic({ name: 'organizations-missing', everyMs: LOOK_FOR_MISSING_EVERY_MS, log, run: insertMissing }),
    ],
  };
}
