import { Identifier, SummaryMessage, type OrganizationConfig } from '@schoolbell/contracts';
import { Problem, requireScope, type Database, type HttpServer } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import { z } from 'zod';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { exactly } from './exact.ts';
import { cut, next, OrganizationParams, Paging, requireConfigured } from './paging.ts';
import { scoreView } from './score-view.ts';
import { readLearnerResults, readSummaryText, readTestResults, type LearnerResult, type TestResult } from './store.ts';

const instant = z.iso.datetime();
const score = { score: z.number(), maxScore: z.number(), percent: z.number().describe('100 * score / maxScore, two decimals, half up') };
const LearnerResultView = z.object({
  attemptId: z.string(),
  courseId: z.string(),
  testId: z.string(),
  ...score,
  passed: z.boolean(),
  kind: z.string().nullable(),
  startedAt: instant.nullable(),
  completedAt: instant,
  voided: z.boolean(),
  counts: z.boolean().describe('It is the attempt that counts for its test, by the policy of the organization.'),
});
const TestResultView = z.object({ learnerId: z.string(), attemptId: z.string(), ...score, passed: z.boolean(), completedAt: instant });

const LearnerParams = OrganizationParams.extend({ learnerId: Identifier });
const TestParams = OrganizationParams.extend({ courseId: Identifier, testId: Identifier });
const LearnerPosition = z.tuple([z.int().min(-8.64e15).max(8.64e15), Identifier]);
const TestPosition = z.tuple([Identifier]);

export interface ReadingRoutesDeps {
  readonly db: Database;
  readonly organizations: () => readonly Pick<OrganizationConfig, 'id'>[];
}

/** What is known of learners and tests. Numbers are written with all their digits, whatever a double can hold. */
export function readingRoutes(app: HttpServer, { db, organizations }: ReadingRoutesDeps): void {
  const tags = ['results'];
  const onRequest = requireScope('results:read');

  app.get(
    '/v1/organizations/:organizationId/learners/:learnerId/summary',
    { onRequest, schema: { tags, summary: 'The newest summary of a learner, exactly as it is told', params: LearnerParams, response: { 200: SummaryMessage } } },
    async (request, reply) => {
      const { organizationId, learnerId } = request.params;
      requireConfigured(request, organizationId, organizations());
      const text = await readSummaryText(db, organizationId, learnerId);
      if (text === undefined) {
        const detail = 'No result of this learner has come yet, or none that was not taken back before it came.';
        throw new Problem({ status: 404, code: 'learner-unknown', title: 'There is no summary of this learner.', detail });
      }
      // A text is sent as it is.
      return reply.type('application/json; charset=utf-8').send(text as unknown as SummaryMessage);
    },
  );

  app.get(
    '/v1/organizations/:organizationId/learners/:learnerId/results',
    {
      onRequest,
      schema: {
        tags,
        summary: 'All results of a learner, newest first, those taken back too',
        params: LearnerParams,
        querystring: Paging,
        response: { 200: z.object({ items: z.array(LearnerResultView), next }) },
      },
    },
    async (request, reply) => {
      const { params, query } = request;
      requireConfigured(request, params.organizationId, organizations());
      const [completedAtMs, attemptId] = decodeCursor(query.after, LearnerPosition) ?? [];
      const after = completedAtMs === undefined || attemptId === undefined ? undefined : { completedAtMs, attemptId };
      const { items, last } = cut(await readLearnerResults(db, { ...params, after, limit: query.limit + 1 }), query.limit);
      return exactly(reply, { items: items.map(learnerView), next: last === undefined ? null : encodeCursor([last.completedAtMs, last.attemptId]) });
    },
  );

  app.get(
    '/v1/organizations/:organizationId/courses/:courseId/tests/:testId/results',
    {
      onRequest,
      schema: {
        tags,
        summary: 'The result that counts of every learner who did a test, by learner',
        params: TestParams,
        querystring: Paging,
        response: { 200: z.object({ items: z.array(TestResultView), next }) },
      },
    },
    async (request, reply) => {
      const { params, query } = request;
      requireConfigured(request, params.organizationId, organizations());
      const [after] = decodeCursor(query.after, TestPosition) ?? [];
      const { items, last } = cut(await readTestResults(db, { ...params, after, limit: query.limit + 1 }), query.limit);
      return exactly(reply, { items: items.map(testView), next: last === undefined ? null : encodeCursor([last.learnerId]) });
    },
  );
}

function learnerView({ startedAtMs, completedAtMs, score: points, maxScore, ...result }: LearnerResult): z.infer<typeof LearnerResultView> {
  const startedAt = startedAtMs === null ? null : formatInstant(startedAtMs);
  return { ...result, ...scoreView(points, maxScore), startedAt, completedAt: formatInstant(completedAtMs) };
}

function testView({ completedAtMs, score: points, maxScore, ...result }: TestResult): z.infer<typeof TestResultView> {
  return { ...result, ...scoreView(points, maxScore), completedAt: formatInstant(completedAtMs) };
}
