import type { OrganizationConfig } from '@schoolbell/contracts';
import type { Database } from '@schoolbell/service-kit';

/** Learners of an organization whose row was lost are decided anew: its version is above all of theirs. */
const insertMissing = {
  name: 'organization_insert',
  text: `INSERT INTO organization (organization_id, policy, tests_max, courses_max, version)
         SELECT k.*, 1 + coalesce((SELECT max(l.version) FROM learner AS l WHERE l.organization_id = k.organization_id), 0)
         FROM unnest($1::text[], $2::text[], $3::int[], $4::int[]) AS k (organization_id, policy, tests_max, courses_max)
         WHERE NOT EXISTS (SELECT FROM organization AS o WHERE o.organization_id = k.organization_id)
         ON CONFLICT DO NOTHING RETURNING organization_id`,
};
const updateChanged = {
  name: 'organization_update',
  text: `UPDATE organization AS o SET policy = k.policy, tests_max = k.tests_max, courses_max = k.courses_max, version = o.version + 1
         FROM unnest($1::text[], $2::text[], $3::int[], $4::int[]) AS k (organization_id, policy, tests_max, courses_max)
         WHERE o.organization_id = k.organization_id
           AND (o.policy, o.tests_max, o.courses_max) IS DISTINCT FROM (k.policy, k.tests_max, k.courses_max)
         RETURNING o.organization_id`,
};

/**
 * Write down what the configuration says, with a new version where it changed. Learners that were decided under an
 * older version are decided anew when their next event comes, or by the paced job, whichever is first.
 */
export async function saveOrganizationRows(db: Database, organizations: readonly OrganizationConfig[]): Promise<string[]> {
  const columns = columnsOf(organizations);
  return db.transaction(async (tx) => {
    const rows = [...(await tx.query<Row>(insertMissing, columns)), ...(await tx.query<Row>(updateChanged, columns))];
    return rows.map((row) => row.organization_id);
  });
}

/** Only those that have no row; the others are as some replica wrote them down last. */
export async function insertMissingOrganizationRows(db: Database, organizations: readonly OrganizationConfig[]): Promise<string[]> {
  const rows = await db.query<Row>(insertMissing, columnsOf(organizations));
  return rows.map((row) => row.organization_id);
}

interface Row {
  readonly organization_id: string;
}

/** In the order of the key, in which replicas insert. */
function columnsOf(organizations: readonly OrganizationConfig[]) {
  const rows = organizations.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return [
    rows.map(({ id }) => id),
    rows.map(({ attemptPolicy }) => attemptPolicy),
    rows.map(({ summaryLimits }) => summaryLimits.tests),
    rows.map(({ summaryLimits }) => summaryLimits.courses),
  ];
}
