// The fold on a database of the test's own, without NATS and HTTP, and what it left behind.
import type { AttemptPolicy, OrganizationConfig } from '@schoolbell/contracts';
import type { Refusal } from '@schoolbell/messaging';
import { createDatabase, createLogger, createMetrics, type Database } from '@schoolbell/service-kit';
import { emptyTables, testDatabase } from '@schoolbell/testing';
import { ManualClock, parseInstant } from '@schoolbell/time';
import { createFold, type Fold } from '../src/fold/fold.ts';
import { saveOrganizationRows } from '../src/organizations/store.ts';
import { millionths, type ReferenceSummary, type ReferenceTotals } from './reference.ts';
import { NOON, ORGANIZATION, type Told } from './story.ts';

export interface StoredSummary {
  readonly revision: number;
  readonly body: string;
  readonly summary: ReferenceSummary;
  /** `truncated` as it was told. */
  readonly truncated: unknown;
}

export interface Folding {
  readonly db: Database;
  readonly fold: Fold;
  readonly clock: ManualClock;
  readonly databaseUrl: string;
  /** One transaction. */
  tell(...events: readonly Told[]): Promise<readonly Refusal[]>;
  configure(organization: Partial<OrganizationConfig>): Promise<void>;
  /** Undefined while the learner has none. */
  summary(learnerId?: string): Promise<StoredSummary | undefined>;
  summaries(): Promise<Map<string, StoredSummary>>;
  sql<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>;
  /** Everything but the configuration. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

export async function openFolding(): Promise<Folding> {
  const database = await testDatabase('results');
  const databaseUrl = database.url('results');
  const log = createLogger({ service: 'results', level: 'silent' });
  const db = createDatabase({ url: databaseUrl, schema: 'results', plans: 'by-key', log, metrics: createMetrics('results') });
  const clock = new ManualClock(NOON);
  const fold = createFold({ clock });
  const sql = async <Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> => (await db.pool.query<Row>(text, values)).rows;

  const configure = async (organization: Partial<OrganizationConfig>): Promise<void> => {
    const summaryLimits = { tests: 500, courses: 200 };
    await saveOrganizationRows(db, [{ id: ORGANIZATION, attemptPolicy: 'best' satisfies AttemptPolicy, summaryLimits, ...organization }]);
  };
  const summaries = async (): Promise<Map<string, StoredSummary>> => {
    const rows = await sql<{ learner_id: string; revision: number; body: string }>('SELECT learner_id, revision, body FROM learner WHERE body IS NOT NULL');
    return new Map(rows.map((row) => [row.learner_id, readSummary(row)]));
  };
  await configure({});
  return {
    db,
    fold,
    clock,
    databaseUrl,
    configure,
    summaries,
    sql,
    tell: (...events) => db.transaction((tx) => fold.apply(tx, events)),
    summary: async (learnerId = 'u-1') => (await summaries()).get(learnerId),
    async clear() {
      await emptyTables(sql, 'summary_queue, learner, attempt, standing, course_total, outbox, dead_letter');
    },
    async close() {
      await db.close();
      await database.drop();
    },
  };
}

/** Numbers by their text, so that a decimal that a double cannot hold is seen as it was written. */
export function parseExact(body: string): unknown {
  const reviver = (_key: string, value: unknown, context?: { source?: string }): unknown => (typeof value === 'number' ? context?.source : value);
  return JSON.parse(body, reviver as Parameters<typeof JSON.parse>[1]);
}

interface Message {
  readonly data: {
    readonly totals: Record<string, string>;
    readonly courses: readonly Record<string, string>[];
    readonly tests: readonly (Record<string, string> & { passed: never })[];
    readonly lastCompletedAt: string | null;
    readonly truncated?: unknown;
  };
}

export function readSummary({ revision, body }: { revision: number; body: string }): StoredSummary {
  const { data } = parseExact(body) as Message;
  const totals = (row: Record<string, string>): ReferenceTotals => ({
    score: millionths(row['score']!),
    maxScore: millionths(row['maxScore']!),
    percent: millionths(row['percent']!) / 10_000n,
    testsCompleted: Number(row['testsCompleted']),
    testsPassed: Number(row['testsPassed']),
  });
  return {
    revision,
    body,
    truncated: data.truncated,
    summary: {
      totals: totals(data.totals),
      courses: new Map(data.courses.map((course) => [course['courseId']!, totals(course)])),
      tests: data.tests.map((test) => ({
        courseId: test['courseId']!,
        testId: test['testId']!,
        score: millionths(test['score']!),
        maxScore: millionths(test['maxScore']!),
        passed: test.passed,
        completedMs: parseInstant(test['completedAt']!),
      })),
      lastCompletedMs: data.lastCompletedAt === null ? null : parseInstant(data.lastCompletedAt),
    },
  };
}
