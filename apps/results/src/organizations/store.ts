import type { OrganizationConfig } from '@schoolbell/contracts';
import type { Database } from '@schoolbell/service-kit';

const saveOrganizations = {
  name: 'organization_save',
  text: `INSERT INTO organization AS o (organization_id, policy, tests_max, courses_max)
         SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::int[]) AS k (organization_id, policy, tests_max, courses_max)
         ON CONFLICT (organization_id) DO UPDATE SET policy = excluded.policy, tests_max = excluded.tests_max,
           courses_max = excluded.courses_max, version = o.version + 1
         WHERE (o.policy, o.tests_max, o.courses_max) IS DISTINCT FROM (excluded.policy, excluded.tests_max, excluded.courses_max)
         RETURNING o.organization_id`,
};

/**
 * Write down what the configuration says, with a new version where it changed. Learners that were decided under an
 * older version are decided anew when their next event comes, or by the paced job, whichever is first.
 */
export async function saveOrganizationRows(db: Database, organizations: readonly OrganizationConfig[]): Promise<string[]> {
  const rows = organizations.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const changed = await db.query<{ organization_id: string }>(saveOrganizations, [
    rows.map(({ id }) => id),
    rows.map(({ attemptPolicy }) => attemptPolicy),
    rows.map(({ summaryLimits }) => summaryLimits.tests),
    rows.map(({ summaryLimits }) => summaryLimits.courses),
  ]);
  return changed.map((row) => row.organization_id);
}
